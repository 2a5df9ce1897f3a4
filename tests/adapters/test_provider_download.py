"""Copying the finished file: resumed where it was cut, and never anything but a whole MP4."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.providers.http import Limits
from adapters.providers.openai_videos.profile import Profile, profile_of
from bot.errors import (
    Transient,
)
from tests.fakes.clock import FakeClock
from tests.fakes.gateway import MP4, REF, Gateway, Received, Reply, client_of

JOB, CONTENT = "/v1/videos/video_1", "/v1/videos/video_1/content"
TIGHT = Limits(silence_ms=150, download_ms=600, download_bytes=100_000)
WHOLE = Reply(body=MP4)
TAGGED = Reply(body=MP4, headers={"etag": '"v1"'})


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    async with Gateway() as gateway:
        yield gateway


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "clip.mp4"


def _ranges(data: bytes = MP4, tag: str = '"v1"') -> Callable[[Received], Reply]:
    """A server that knows ranges."""

    def answer(request: Received) -> Reply:
        wanted, told = request.headers.get("range"), request.headers.get("if-range")
        if wanted is None or told != tag:
            return Reply(body=data, headers={"etag": tag})
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(data):
            return Reply(416, headers={"content-range": f"bytes */{len(data)}"})
        span = f"bytes {start}-{len(data) - 1}/{len(data)}"
        return Reply(206, data[start:], {"etag": tag, "content-range": span})

    return answer


async def _get(
    gateway: Gateway,
    target: Path,
    profile: str | Profile = "custom",
    clock: FakeClock | None = None,
    limits: Limits | None = None,
) -> None:
    async with client_of(gateway, profile, clock=clock, limits=limits) as client:
        await client.download(REF, target)


def _left(target: Path) -> set[str]:
    return {path.name for path in target.parent.iterdir()}


async def test_the_file_arrives_whole_and_leaves_nothing_else(
    gateway: Gateway, target: Path
) -> None:
    gateway.on("GET", CONTENT, TAGGED)
    await _get(gateway, target)
    assert target.read_bytes() == MP4
    assert _left(target) == {"clip.mp4"}
    [request] = gateway.received
    assert request.query == ""
    assert request.headers["accept-encoding"] == "identity"


async def test_the_folder_is_made_when_it_is_missing(gateway: Gateway, tmp_path: Path) -> None:
    gateway.on("GET", CONTENT, WHOLE)
    await _get(gateway, tmp_path / "new" / "clip.mp4")
    assert (tmp_path / "new" / "clip.mp4").read_bytes() == MP4


async def test_a_variant_is_sent_only_where_the_profile_says_so(
    gateway: Gateway, target: Path
) -> None:
    gateway.on("GET", CONTENT, WHOLE)
    await _get(gateway, target, profile=replace(profile_of("custom"), variant="video"))
    assert gateway.received[0].query == "variant=video"


# --- cut and resumed ------------------------------------------------------------------------


async def test_a_cut_copy_goes_on_where_it_ended(gateway: Gateway, target: Path) -> None:
    gateway.on("GET", CONTENT, replace(TAGGED, cut=1000), _ranges())
    with pytest.raises(Transient):
        await _get(gateway, target)
    assert not target.exists()
    assert _left(target) == {"clip.mp4.part", "clip.mp4.part.tag"}
    await _get(gateway, target)
    assert target.read_bytes() == MP4
    assert _left(target) == {"clip.mp4"}
    assert gateway.received[1].headers["range"] == "bytes=1000-"
    assert gateway.received[1].headers["if-range"] == '"v1"'


async def test_a_copy_may_be_cut_many_times(gateway: Gateway, target: Path) -> None:
    def cut_again(request: Received) -> Reply:
        return replace(_ranges()(request), cut=900)

    gateway.on("GET", CONTENT, cut_again)
    for _ in range(4):
        with pytest.raises(Transient):
            await _get(gateway, target)
    await _get(gateway, target)
    assert target.read_bytes() == MP4


async def test_a_file_that_changed_is_taken_from_the_start(gateway: Gateway, target: Path) -> None:
    other = MP4[:-4] + b"2222"
    gateway.on("GET", CONTENT, replace(TAGGED, cut=1000), _ranges(other, '"v2"'))
    with pytest.raises(Transient):
        await _get(gateway, target)
    await _get(gateway, target)
    assert target.read_bytes() == other


async def test_without_a_version_nothing_is_joined(gateway: Gateway, target: Path) -> None:
    weak = {"etag": 'W/"v1"'}
    gateway.on("GET", CONTENT, Reply(body=MP4, headers=weak, cut=1000), WHOLE)
    with pytest.raises(Transient):
        await _get(gateway, target)
    await _get(gateway, target)
    assert "range" not in gateway.received[1].headers
    assert target.read_bytes() == MP4


async def test_an_old_version_s_name_is_not_given_to_new_bytes(
    gateway: Gateway, target: Path
) -> None:
    _begun(target, MP4[:1000])
    gateway.on("GET", CONTENT, Reply(body=MP4, cut=2000), WHOLE)
    with pytest.raises(Transient):
        await _get(gateway, target)
    await _get(gateway, target)
    assert "range" in gateway.received[0].headers
    assert "range" not in gateway.received[1].headers


async def test_a_date_is_a_version_too(gateway: Gateway, target: Path) -> None:
    date = "Mon, 21 Sep 2026 14:13:20 GMT"
    dated = Reply(body=MP4, headers={"last-modified": date})
    gateway.on("GET", CONTENT, replace(dated, cut=1000), _ranges(tag=date))
    with pytest.raises(Transient):
        await _get(gateway, target)
    await _get(gateway, target)
    assert gateway.received[1].headers["if-range"] == date
    assert target.read_bytes() == MP4


def _begun(target: Path, data: bytes, tag: str = '"v1"') -> None:
    target.with_name("clip.mp4.part").write_bytes(data)
    target.with_name("clip.mp4.part.tag").write_text(tag)


@pytest.mark.parametrize(
    "odd",
    [
        Reply(206, MP4[500:], {"content-range": f"bytes 500-{len(MP4) - 1}/{len(MP4)}"}),
        Reply(206, MP4[1000:]),
        Reply(206, MP4[1000:], {"content-range": "pages 3-4/5"}),
        Reply(416),
        Reply(416, headers={"content-range": "bytes */77"}),
    ],
    ids=["other start", "no range", "garbage", "416", "416, other length"],
)
async def test_a_piece_that_does_not_fit_starts_the_copy_anew(
    gateway: Gateway, target: Path, odd: Reply
) -> None:
    _begun(target, MP4[:1000])
    gateway.on("GET", CONTENT, odd, WHOLE)
    await _get(gateway, target)
    assert target.read_bytes() == MP4
    assert "range" not in gateway.received[1].headers


async def test_pieces_that_never_fit_are_given_up(gateway: Gateway, target: Path) -> None:
    _begun(target, MP4[:1000])
    odd = Reply(206, MP4[500:], {"content-range": f"bytes 500-{len(MP4) - 1}/{len(MP4)}"})
    gateway.on("GET", CONTENT, odd)
    with pytest.raises(Transient, match="do not fit"):
        await _get(gateway, target)
    assert _left(target) == set()


async def test_a_copy_that_was_whole_already_is_only_renamed(
    gateway: Gateway, target: Path
) -> None:
    _begun(target, MP4)
    gateway.on("GET", CONTENT, _ranges())
    await _get(gateway, target)
    assert target.read_bytes() == MP4
    assert _left(target) == {"clip.mp4"}


async def test_a_piece_longer_than_the_whole_is_thrown_away(gateway: Gateway, target: Path) -> None:
    _begun(target, MP4[:1000])
    lie = Reply(206, MP4[1000:], {"content-range": "bytes 1000-1999/2000"})
    gateway.on("GET", CONTENT, lie)
    with pytest.raises(Transient, match="of 2000 came"):
        await _get(gateway, target)
    assert _left(target) == set()


# --- lengths that lie -------------------------------------------------------------------------


async def test_less_than_promised_is_no_file(gateway: Gateway, target: Path) -> None:
    gateway.on("GET", CONTENT, replace(WHOLE, length=len(MP4) + 1))
    with pytest.raises(Transient):
        await _get(gateway, target)
    assert not target.exists()


async def test_a_broken_chunked_body_is_no_file(gateway: Gateway, target: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    gateway.on("GET", CONTENT, Reply(raw=head + b"200\r\n" + MP4[:512] + b"\r\n"))
    with pytest.raises(Transient):
        await _get(gateway, target)
    assert not target.exists()


async def test_a_file_above_the_cap_is_refused_before_it_is_read(
    gateway: Gateway, target: Path
) -> None:
    gateway.on("GET", CONTENT, replace(WHOLE, length=10**12))
    with pytest.raises(Transient, match="larger than"):
        await _get(gateway, target, limits=TIGHT)
    assert _left(target) == set()


async def test_a_file_that_hides_its_length_stops_at_the_cap(
    gateway: Gateway, target: Path
) -> None:
    gateway.on("GET", CONTENT, Reply(body=MP4 * 100, length=-1))
    with pytest.raises(Transient, match="larger than"):
        await _get(gateway, target, limits=TIGHT)
    assert _left(target) == set()


async def test_a_file_without_a_length_is_read_to_its_end(gateway: Gateway, target: Path) -> None:
    gateway.on("GET", CONTENT, replace(WHOLE, length=-1))
    await _get(gateway, target)
    assert target.read_bytes() == MP4


async def test_a_drip_is_stopped_by_the_deadline(gateway: Gateway, target: Path) -> None:
    gateway.on("GET", CONTENT, replace(TAGGED, piece=100, pause_s=0.05))
    with pytest.raises(Transient, match="in time"):
        await _get(gateway, target, limits=TIGHT)
    assert not target.exists()


async def test_silence_is_not_waited_for(gateway: Gateway, target: Path) -> None:
    gateway.on("GET", CONTENT, Reply(hang=True))
    with pytest.raises(Transient, match="in time"):
        await _get(gateway, target, limits=TIGHT)


async def test_a_packed_file_is_refused(gateway: Gateway, target: Path) -> None:
    """Nobody asked for it, and a small one could unpack to a huge one."""
    gateway.on("GET", CONTENT, replace(WHOLE, headers={"content-encoding": "gzip"}))
    with pytest.raises(Transient, match="compressed"):
        await _get(gateway, target)
    assert _left(target) == set()


async def test_a_disk_that_refuses_is_not_the_job_s_end(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    gateway.on("GET", CONTENT, WHOLE)
    with pytest.raises(Transient, match="could not be kept"):
        await _get(gateway, tmp_path / "file" / "clip.mp4")
