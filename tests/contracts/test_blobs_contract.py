"""What every store of files promises."""

import hashlib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.blobs import DiskBlobs
from bot.domain.refs import Blob, Tenant
from bot.domain.tickets import Ticket
from bot.ports import Blobs
from tests.fakes.clock import FakeClock

CLIP = b"\x00\x00\x00\x18ftypisom a very short clip"
HOUR = 3_600_000
VIDEO = Ticket("j1", Tenant("web", "demo"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["disk"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Blobs:
    return DiskBlobs(tmp_path / "blobs", lambda: "http://127.0.0.1:8080", b"secret", clock)


def written(folder: Path, content: bytes = CLIP, name: str = "new.part") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


async def test_what_was_put_can_be_opened(blobs: Blobs, tmp_path: Path) -> None:
    blob = await blobs.put(written(tmp_path), ".mp4")
    assert blobs.open(blob).read_bytes() == CLIP
    assert blob == Blob(hashlib.sha256(CLIP).hexdigest(), ".mp4", len(CLIP))


async def test_a_file_that_was_put_is_no_longer_where_it_was(blobs: Blobs, tmp_path: Path) -> None:
    source = written(tmp_path)
    await blobs.put(source, ".mp4")
    assert not source.exists()


async def test_the_same_bytes_are_the_same_blob(blobs: Blobs, tmp_path: Path) -> None:
    first = await blobs.put(written(tmp_path), ".mp4")
    second_source = written(tmp_path, name="again.part")
    assert await blobs.put(second_source, ".mp4") == first
    assert not second_source.exists()
    assert blobs.open(first).read_bytes() == CLIP


async def test_a_damaged_copy_is_replaced_when_the_bytes_come_again(
    blobs: Blobs, tmp_path: Path
) -> None:
    blob = await blobs.put(written(tmp_path), ".mp4")
    blobs.open(blob).write_bytes(CLIP[:5])
    await blobs.put(written(tmp_path), ".mp4")
    assert blobs.open(blob).read_bytes() == CLIP


async def test_the_stored_name_ends_with_the_suffix(blobs: Blobs, tmp_path: Path) -> None:
    poster = await blobs.put(written(tmp_path, b"jpeg"), ".jpg")
    assert blobs.open(poster).name == poster.name
    assert poster.name.endswith(".jpg")


@pytest.mark.parametrize("suffix", ["", "mp4", "./../x", ".mp4/..", ".MP4"])
async def test_a_suffix_that_could_lead_elsewhere_is_refused(
    blobs: Blobs, tmp_path: Path, suffix: str
) -> None:
    source = written(tmp_path)
    with pytest.raises(ValueError, match="suffix"):
        await blobs.put(source, suffix)
    assert source.exists()


async def test_opening_a_deleted_file_says_so(blobs: Blobs, tmp_path: Path) -> None:
    blob = await blobs.put(written(tmp_path), ".mp4")
    await blobs.delete(blob)
    with pytest.raises(FileNotFoundError):
        blobs.open(blob)


async def test_deleting_what_is_gone_is_fine(blobs: Blobs, tmp_path: Path) -> None:
    blob = await blobs.put(written(tmp_path), ".mp4")
    await blobs.delete(blob)
    await blobs.delete(blob)


async def test_a_link_names_the_server_and_the_file(blobs: Blobs, tmp_path: Path) -> None:
    blob = await blobs.put(written(tmp_path), ".mp4")
    url = blobs.url(blob, VIDEO, HOUR)
    assert url is not None
    assert url.startswith(f"http://127.0.0.1:8080/media/{blob.name}?")


# --- on disk --------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path, clock: FakeClock) -> DiskBlobs:
    return DiskBlobs(tmp_path / "blobs", lambda: "http://127.0.0.1:8080", b"secret", clock)


def parts(link: str) -> tuple[str, str, str, str]:
    split = urlsplit(link)
    query = parse_qs(split.query)
    said, exp, sig = (query[key][0] for key in ("for", "exp", "sig"))
    return split.path.rsplit("/", 1)[1], said, exp, sig


async def test_a_link_opens_its_file_until_it_ends(
    disk: DiskBlobs, tmp_path: Path, clock: FakeClock
) -> None:
    blob = await disk.put(written(tmp_path), ".mp4")
    name, said, exp, sig = parts(disk.url(blob, VIDEO, HOUR) or "")
    clock.advance(HOUR - 1)
    assert disk.verify(name, said, exp, sig) == disk.open(blob)
    clock.advance(1)
    assert disk.verify(name, said, exp, sig) is None


async def test_a_changed_link_opens_nothing(disk: DiskBlobs, tmp_path: Path) -> None:
    blob = await disk.put(written(tmp_path), ".mp4")
    other = await disk.put(written(tmp_path, b"another clip"), ".mp4")
    name, said, exp, sig = parts(disk.url(blob, VIDEO, HOUR) or "")
    assert disk.verify(other.name, said, exp, sig) is None
    assert disk.verify(name, said, str(int(exp) + HOUR), sig) is None
    assert disk.verify(name, said, exp, sig[:-1] + ("0" if sig[-1] != "0" else "1")) is None
    assert disk.verify(name, said, "soon", sig) is None
    assert disk.verify(name, said, exp, "é") is None
    for another in ("j1", "j2/web/demo", "j1/web/other", ""):
        assert disk.verify(name, another, exp, sig) is None


async def test_another_secret_signs_other_links(
    disk: DiskBlobs, tmp_path: Path, clock: FakeClock
) -> None:
    blob = await disk.put(written(tmp_path), ".mp4")
    stranger = DiskBlobs(tmp_path / "blobs", lambda: None, b"other", clock)
    assert stranger.verify(*parts(disk.link(blob.name, VIDEO, clock.now() + HOUR))) is None


def test_a_genuine_link_to_a_path_outside_opens_nothing(disk: DiskBlobs, clock: FakeClock) -> None:
    ends_at = clock.now() + HOUR
    for name in ("../blobs", "scratch", "ab/../../etc/passwd", "0" * 64 + ".mp4"):
        _, said, exp, sig = parts(disk.link(name, VIDEO, ends_at))
        assert disk.verify(name, said, exp, sig) is None


def test_without_a_server_there_is_no_link(tmp_path: Path, clock: FakeClock) -> None:
    blobs = DiskBlobs(tmp_path, lambda: None, b"secret", clock)
    assert blobs.url(Blob("0" * 64, ".mp4", 1), VIDEO, HOUR) is None


def test_what_a_crash_left_half_made_is_gone_at_the_next_start(
    disk: DiskBlobs, tmp_path: Path, clock: FakeClock
) -> None:
    half = disk.scratch() / "half.part"
    half.write_bytes(b"half")
    again = DiskBlobs(tmp_path / "blobs", lambda: None, b"secret", clock)
    assert again.scratch() == disk.scratch()
    assert list(again.scratch().iterdir()) == []


async def test_files_from_before_a_restart_are_still_there(
    disk: DiskBlobs, tmp_path: Path, clock: FakeClock
) -> None:
    blob = await disk.put(written(disk.scratch()), ".mp4")
    again = DiskBlobs(tmp_path / "blobs", lambda: None, b"secret", clock)
    assert again.open(blob).read_bytes() == CLIP
    assert blob.name[:2] == again.open(blob).parent.name
