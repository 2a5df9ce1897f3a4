"""Turns whatever picture a person gives into a clean JPEG of an exact size."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.domain.videos import Fit, Size
from bot.errors import BadImage

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 50 * 1024**2
MAX_PIXELS = 50_000_000
"""Checked in the header before anything is unpacked: a small file can hold a huge picture."""
MIN_SIDE = 16
_TOO_MANY = f"the picture has more than {MAX_PIXELS // 1_000_000} million pixels"
_QUALITY = 92
_WHITE = (255, 255, 255)


def prepare_image(data: bytes, size: Size, fit: Fit | None = Fit.CROP) -> bytes:
    """JPEG bytes of exactly `size`: upright, opaque, without metadata or anything after its end.

    Without a `fit` in its own shape, and no larger than `size`. `data` is JPEG, PNG or WebP. Raises
    `BadImage` with the reason in plain words. Takes up to half a second of CPU, so call it off the
    event loop.
    """
    if not data:
        raise BadImage("the picture is empty")
    if len(data) > MAX_BYTES:
        raise BadImage(f"the picture is larger than {MAX_BYTES // 1024**2} MB")
    with _opened(data) as picture:
        _check_sides(picture)
        return _as_jpeg(_fitted(picture, size, fit))


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise BadImage("only JPEG, PNG and WebP pictures can be used") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadImage(_TOO_MANY) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise BadImage("the picture is damaged") from error


def _check_sides(picture: Image.Image) -> None:
    wide, high = picture.size
    if wide * high > MAX_PIXELS:
        raise BadImage(_TOO_MANY)
    if min(wide, high) < MIN_SIDE:
        raise BadImage(f"the picture has only {wide}x{high} pixels")


def _fitted(picture: Image.Image, size: Size, fit: Fit | None) -> Image.Image:
    wanted = (size.width, size.height)
    try:
        # JPEG can unpack at a fraction of its size; twice the target leaves room to turn and crop.
        picture.draft("RGB", (2 * max(wanted), 2 * max(wanted)))
        upright = ImageOps.exif_transpose(picture)
        opaque = _opaque(upright)
    except (OSError, ValueError, SyntaxError) as error:
        raise BadImage("the picture is damaged") from error
    if fit is None:
        opaque.thumbnail(wanted, Image.Resampling.LANCZOS)
        return opaque
    if fit is Fit.PAD:
        return ImageOps.pad(opaque, wanted, Image.Resampling.LANCZOS, color=(0, 0, 0))
    return ImageOps.fit(opaque, wanted, Image.Resampling.LANCZOS)


def _opaque(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGB", layer.size, _WHITE)
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _as_jpeg(picture: Image.Image) -> bytes:
    # Pillow would carry a comment over from the file that the picture came from.
    picture.info.clear()
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
