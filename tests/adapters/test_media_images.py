"""Pictures that people give become clean JPEGs, or a sentence that says why not."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adapters.media.images import prepare_image
from bot.domain.videos import Fit, Size
from bot.errors import BadImage

WANTED = Size(128, 72)
RED, BLUE = (200, 30, 30), (30, 30, 200)


def _picture(
    kind: str, size: tuple[int, int] = (200, 100), mode: str = "RGB", **options: object
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, RED if mode == "RGB" else None).save(out, kind, **options)
    return out.getvalue()


def _opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data), formats=("JPEG",))
    picture.load()
    return picture


def _near(colour: float | tuple[int, ...] | None, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(a - b) < 12 for a, b in zip(colour, wanted, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_common_kinds_become_a_jpeg_of_the_exact_size(kind: str) -> None:
    picture = _opened(prepare_image(_picture(kind), WANTED))
    assert (picture.size, picture.mode) == ((128, 72), "RGB")
    assert _near(picture.getpixel((64, 36)), RED)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16", "RGBA"])
def test_every_sort_of_png_can_be_used(mode: str) -> None:
    assert _opened(prepare_image(_picture("PNG", mode=mode), WANTED)).size == (128, 72)


def test_a_print_jpeg_can_be_used() -> None:
    assert _opened(prepare_image(_picture("JPEG", mode="CMYK"), WANTED)).mode == "RGB"


def _two_coloured(size: tuple[int, int]) -> Image.Image:
    """Red with blue ends left and right."""
    whole = Image.new("RGB", size, RED)
    end = Image.new("RGB", (size[0] // 8, size[1]), BLUE)
    whole.paste(end, (0, 0))
    whole.paste(end, (size[0] - size[0] // 8, 0))
    return whole


def test_a_wider_picture_is_cropped_or_padded_as_wished() -> None:
    out = io.BytesIO()
    _two_coloured((400, 100)).save(out, "PNG")
    cropped = _opened(prepare_image(out.getvalue(), WANTED, Fit.CROP))
    padded = _opened(prepare_image(out.getvalue(), WANTED, Fit.PAD))
    assert _near(cropped.getpixel((2, 36)), RED)
    assert _near(padded.getpixel((2, 36)), BLUE)
    assert _near(padded.getpixel((64, 2)), (0, 0, 0))


def test_a_picture_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    side = Image.new("RGB", (200, 100), RED)
    side.paste(Image.new("RGB", (40, 100), BLUE), (0, 0))
    side.save(out, "JPEG", exif=exif, quality=95)
    upright = _opened(prepare_image(out.getvalue(), Size(64, 128)))
    assert _near(upright.getpixel((32, 4)), BLUE)
    assert _near(upright.getpixel((32, 120)), RED)


def test_what_is_see_through_becomes_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(out, "PNG")
    assert _near(_opened(prepare_image(out.getvalue(), WANTED)).getpixel((5, 5)), (255, 255, 255))


def test_nothing_of_the_camera_or_the_place_remains() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"
    clean = prepare_image(_picture("JPEG", exif=exif, comment=b"secret"), WANTED)
    assert not _opened(clean).getexif()
    assert b"secret" not in clean
    assert b"A camera" not in clean


def test_a_script_hidden_behind_the_picture_is_dropped() -> None:
    clean = prepare_image(_picture("JPEG") + b"<script>alert(1)</script>", WANTED)
    assert b"script" not in clean


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "only JPEG"),
        (b"<!doctype html>", "only JPEG"),
        (_picture("GIF"), "only JPEG"),
        (_picture("TIFF"), "only JPEG"),
        (_picture("JPEG", (400, 400))[:900], "damaged"),
        (_picture("PNG", (400, 400))[:100], "damaged"),
        (_picture("PNG", (300, 4)), "only 300x4"),
    ],
    ids=["empty", "svg", "html", "gif", "tiff", "cut jpeg", "cut png", "a line"],
)
def test_what_cannot_be_used_is_refused_in_plain_words(data: bytes, why: str) -> None:
    with pytest.raises(BadImage, match=why):
        prepare_image(data, WANTED)


def test_a_small_file_that_holds_a_huge_picture_is_refused_before_it_is_unpacked() -> None:
    bomb = _picture("PNG", (12_800, 12_800), mode="1")
    assert len(bomb) < 100_000
    with pytest.raises(BadImage, match="50 million"):
        prepare_image(bomb, WANTED)


def test_a_picture_too_large_even_for_pillow_is_refused_too() -> None:
    head = bytearray(_picture("PNG", (16, 16)))
    head[16:24] = (60_000).to_bytes(4) * 2
    with pytest.raises(BadImage):
        prepare_image(bytes(head), WANTED)


def test_a_file_too_large_is_refused_by_its_length() -> None:
    with pytest.raises(BadImage, match="larger than 50 MB"):
        prepare_image(bytes(50 * 1024**2 + 1), WANTED)


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"])
)
def test_no_bytes_lead_to_any_other_error(data: bytes, head: bytes) -> None:
    with pytest.raises(BadImage):
        prepare_image(head + data, WANTED)


def test_a_picture_without_a_fit_keeps_its_shape_and_gets_no_larger() -> None:
    large = prepare_image(_picture("PNG", (900, 300)), Size(600, 600), None)
    small = prepare_image(_picture("PNG", (90, 30)), Size(600, 600), None)
    assert [Image.open(io.BytesIO(one)).size for one in (large, small)] == [(600, 200), (90, 30)]
