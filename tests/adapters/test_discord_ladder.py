"""How a video gets into a place that takes only so many bytes."""

from pathlib import Path

from adapters.discord.ladder import MIB, Ladder, UploadLimits
from bot.domain.messages import VideoFile, plain
from bot.domain.refs import Tenant
from bot.errors import MediaFailed
from tests.fakes.media import FakeMedia
from tests.fakes.notes import MemoryNotes

STUDIO = Tenant("discord", "1")


def clip(folder: Path, size: int, url: str | None = "https://sora.example/a.mp4") -> VideoFile:
    path, poster = folder / "abcdef.mp4", folder / "poster.jpg"
    path.write_bytes(b"x" * size)
    poster.write_bytes(b"still")
    return VideoFile(path, "sora-k7qm.mp4", size, 1280, 720, 8000, poster, url)


async def test_what_fits_goes_as_it_is(tmp_path: Path) -> None:
    video = clip(tmp_path, 1000)
    carried = await Ladder(FakeMedia(), lambda: tmp_path).carried(video, 1000)
    assert (carried.file, carried.link, carried.note) == (video.path, None, None)


async def test_what_is_too_large_is_made_smaller_once_and_links_to_the_original(
    tmp_path: Path,
) -> None:
    media = FakeMedia()
    ladder = Ladder(media, lambda: tmp_path)
    carried = await ladder.carried(clip(tmp_path, 2000), 1000)
    assert carried.file
    assert carried.file.stat().st_size <= 950
    assert (carried.filename, carried.link) == ("sora-k7qm.mp4", "https://sora.example/a.mp4")
    media.fails.append(MediaFailed("would be asked again"))
    again = await ladder.carried(clip(tmp_path, 2000), 1000)
    assert again.file == carried.file


async def test_what_cannot_be_made_small_enough_is_a_still_and_a_link(tmp_path: Path) -> None:
    media = FakeMedia()
    media.fails.append(MediaFailed("too small to watch"))
    carried = await Ladder(media, lambda: tmp_path).carried(clip(tmp_path, 2_000_000), 1_000_000)
    assert carried.filename == "poster.jpg"
    assert carried.link == "https://sora.example/a.mp4"
    assert carried.note
    assert plain(carried.note).startswith("This video has 2.0 MB, too much for this server (1.0 MB")


async def test_a_link_that_only_this_machine_can_open_is_not_offered(tmp_path: Path) -> None:
    media = FakeMedia()
    media.fails.append(MediaFailed("no"))
    video = clip(tmp_path, 2000, "http://127.0.0.1:8080/media/a.mp4")
    carried = await Ladder(media, lambda: tmp_path).carried(video, 1000)
    assert carried.link is None
    assert carried.note
    assert "SORA_PUBLIC_URL" in plain(carried.note)


async def test_a_limit_that_proved_too_high_is_remembered_for_that_server() -> None:
    notes = MemoryNotes()
    limits = UploadLimits(notes)
    assert await limits.of(STUDIO, 50 * MIB) == 50 * MIB
    await limits.refused(STUDIO, 30 * MIB)
    assert await limits.of(STUDIO, 50 * MIB) == 25 * MIB
    assert await UploadLimits(notes).of(STUDIO, 50 * MIB) == 25 * MIB
    assert await UploadLimits(notes).of(STUDIO, 10 * MIB) == 10 * MIB
    assert await limits.of(Tenant("discord", "2"), 50 * MIB) == 50 * MIB


async def test_even_a_tiny_file_that_is_too_large_lowers_the_limit() -> None:
    limits = UploadLimits(MemoryNotes())
    await limits.refused(STUDIO, 1000)
    assert await limits.of(STUDIO, 10 * MIB) == 500
