"""Gateways that mean harm, before every client that there is: each case of the tables for each.

Whatever they answer: only our own failures leave, nothing inside our network is opened, the key
stays at home, time and memory are bounded, a create is sent once, and no file is left that is none.
"""

from __future__ import annotations

import asyncio
import json
import time
import tracemalloc
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.media.probe import probe_file
from adapters.providers.guard import GuardedTransport, Origin, Resolve
from adapters.providers.hints import LONGEST
from adapters.providers.refusals import MAX_MESSAGE
from adapters.providers.tasks.registry import WIRES
from adapters.providers.tasks.wire import Ask
from bot.domain.jobs import JobState
from bot.errors import (
    AmbiguousSubmit,
    AssetExpired,
    InvalidRequest,
    MediaError,
    ProviderError,
    RateLimited,
    Transient,
)
from bot.ports import RemoteJob
from tests.fakes.gateway import KEY, MP4, WISH, Gateway, Reply
from tests.fakes.hostile import (
    NORMAL,
    PUBLIC,
    SHORT,
    SMALL,
    SPOKEN,
    Cast,
    Eager,
    Stage,
    Tape,
    Terms,
    changed,
    parts_of,
    read,
    record,
    unlucky,
    ways,
    with_id,
)
from tests.payloads.any_json import ANY_JSON
from tests.payloads.clips import clip
from tests.payloads.hostile import (
    HUGE,
    INSIDE,
    NO_FILES,
    NONSENSE,
    ODD_IDS,
    OTHER,
    PLENTY,
    RESUMED,
    SLOW,
    WAITS,
    WRONG,
)

PATIENCE = 10.0
"""Seconds that no scene may take; the limits of the clients are well below, machines may stall."""
ROOM = 4 * 1024**2
"""Bytes of memory that no answer may take up, however long it is."""
_PIECE = 256 * 1024
"""Bytes that are written at once."""
_MANY = 20
"""Requests that no single download needs."""


@pytest.fixture(scope="module")
def tapes() -> Mapping[str, Tape]:
    """What an honest backend of each kind says."""

    async def recorded() -> Mapping[str, Tape]:
        return {spoken: await record(spoken) for spoken in SPOKEN}

    with asyncio.Runner() as runner:
        return runner.run(recorded())


@pytest.fixture
def clients(tapes: Mapping[str, Tape], tmp_path: Path) -> Cast:
    """All of them; each test is a scene that they play."""
    return Cast(tapes, tmp_path)


@pytest.fixture
async def other() -> AsyncGenerator[Gateway]:
    """A service of ours that nobody outside should reach, or a file store."""
    async with Gateway() as other:
        other.on("GET", "/x.mp4", Reply(body=MP4))
        yield other


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Nothing takes long."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < PATIENCE


def _redirect(url: str, status: int = 302) -> Reply:
    return Reply(status, headers={"location": url})


# --- an honest backend -------------------------------------------------------------------------


async def test_what_is_bent_below_works_as_long_as_it_is_straight(clients: Cast) -> None:
    async def scene(on: Stage) -> None:
        on.creates(Reply(body=on.tape.made))
        assert (await on.client.submit(WISH)).reference == on.tape.reference
        on.file(Reply(body=MP4))
        assert (await on.fetch()).state is JobState.FETCHING
        await on.download()
        assert on.target.read_bytes() == MP4
        assert all(KEY in str(one.headers) for one in on.gateway.received)

    await clients.play(scene)


# --- our network -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INSIDE)
async def test_no_link_and_no_redirect_leads_into_our_network(
    clients: Cast, other: Gateway, name: str
) -> None:
    url = INSIDE[name].format(port=other.port)

    async def scene(on: Stage) -> None:
        on.finished(url)
        await _brings_nothing(on)
        on.file(_redirect(url))
        await _brings_nothing(on)
        on.asked(_redirect(url))
        with pytest.raises(Transient):
            await on.fetch()

    await clients.play(scene, Terms(resolve=unlucky))
    assert other.connections == 0


async def _brings_nothing(on: Stage) -> None:
    with pytest.raises((Transient, AssetExpired)):
        await on.download()
    assert on.left() == 0


async def test_a_name_that_changes_its_meaning_leads_to_the_address_that_was_checked(
    clients: Cast,
) -> None:
    async def scene(on: Stage) -> None:
        opened: list[httpx.Request] = []
        _transport(on)._fresh = _Outside(opened)
        on.finished(f"http://{on.spoken}.example:8080/x.mp4")
        await on.download()
        with pytest.raises(Transient, match="not a public address"):
            await on.download()
        [request] = opened
        assert str(request.url) == f"http://{PUBLIC}:8080/x.mp4"
        assert request.headers["host"] == f"{on.spoken}.example:8080"
        assert KEY not in str(request.headers.raw)

    await clients.play(scene, Terms(resolve=_rebinding()))


def _rebinding() -> Resolve:
    """Every name is public when it is asked for first, and then ours."""
    known: set[str] = set()

    async def resolve(host: str, port: int) -> Sequence[str]:
        first = host not in known
        known.add(host)
        return [PUBLIC if first else "127.0.0.1"]

    return resolve


class _Outside(httpx.AsyncBaseTransport):
    """The open internet, which has a film everywhere."""

    def __init__(self, opened: list[httpx.Request]) -> None:
        self._opened = opened

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._opened.append(request)
        length = {"content-length": str(len(MP4))}
        return httpx.Response(200, headers=length, stream=httpx.ByteStream(MP4))


def _transport(on: Stage) -> GuardedTransport:
    """Where the client opens connections to others than its backend."""
    transport = on.client._http._client._transport
    assert isinstance(transport, GuardedTransport)
    return transport


async def test_what_comes_over_https_leads_to_nothing_that_does_not(clients: Cast) -> None:
    """Asked where links are followed: the gateways of these tests have no certificate."""

    async def scene(on: Stage) -> None:
        link = on.client._http.link("http://public.example/x.mp4")
        with pytest.raises(Transient, match="scheme 'http'"):
            await on.client._talk.follow(link, on.target)
        assert on.left() == 0

    await clients.play(scene, Terms(resolve=unlucky, scheme="https"))


# --- the key -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["link", "redirect", "redirect of a question", "and home again"])
async def test_the_key_is_shown_to_nobody_but_the_backend(
    clients: Cast, other: Gateway, way: str
) -> None:
    async def scene(on: Stage) -> None:
        url = f"{other.origin}/{on.spoken}.mp4"
        other.on("GET", f"/{on.spoken}.mp4", Reply(body=MP4))
        on.finished(url)
        if way == "redirect":
            on.file(_redirect(url))
        elif way == "redirect of a question":
            on.asked(_redirect(url))
        elif way == "and home again":
            other.on("GET", f"/{on.spoken}.mp4", _redirect(on.link))
            on.gateway.on("GET", "/clip.mp4", Reply(body=MP4))
        with suppress(Transient):
            await on.download()
        assert on.target.exists() is (way != "redirect of a question")
        assert all(KEY in str(one.headers) for one in on.gateway.received)

    await clients.play(scene, Terms(trusted=frozenset({Origin.of(other.origin)})))
    assert {one.path for one in other.received} == {f"/{spoken}.mp4" for spoken in SPOKEN}
    headers = {wire.header.lower() for wire in WIRES.values()} | {"authorization", "cookie"}
    for one in other.received:
        assert KEY not in str(one)
        assert not headers & set(one.headers)


# --- creates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NONSENSE)
async def test_after_nonsense_nobody_knows_and_nothing_is_sent_again(
    clients: Cast, name: str
) -> None:
    async def scene(on: Stage) -> None:
        on.creates(NONSENSE[name])
        with pytest.raises(AmbiguousSubmit) as caught:
            await on.client.submit(WISH)
        assert len(on.gateway.received) <= 1
        assert KEY not in repr(caught.value)
        assert len(caught.value.message) <= MAX_MESSAGE

    await clients.play(scene, Terms(SHORT if name in SLOW else SMALL))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_an_order_is_led_nowhere_else(clients: Cast, other: Gateway, status: int) -> None:
    async def scene(on: Stage) -> None:
        urls = (f"{other.origin}{on.tape.create}", on.tape.create, "http://public.example/")
        for url in urls:
            on.creates(_redirect(url, status))
            with pytest.raises((AmbiguousSubmit, InvalidRequest)):
                await on.client.submit(WISH)
        assert on.gateway.count("POST") == len(on.gateway.received) == len(urls)

    await clients.play(scene, Terms(resolve=unlucky))
    assert other.connections == 0


@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("lingers", [True, False], ids=["listens on", "hangs up"])
async def test_an_answer_before_the_request_is_one_request(
    clients: Cast, spoken: str, *, lingers: bool
) -> None:
    answer = Reply(body=clients.tapes[spoken].made)
    eager = Eager(answer.head() + answer.data, lingers=lingers)

    async def scene(on: Stage) -> None:
        # What it says can be true: then there is a job.
        with suppress(AmbiguousSubmit):
            assert (await on.client.submit(WISH)).reference == on.tape.reference

    await clients.alone(spoken, scene, NORMAL, eager)
    assert eager.connections == 1


@pytest.mark.parametrize("name", ODD_IDS)
async def test_the_name_of_a_job_stays_in_its_place(clients: Cast, name: str) -> None:
    async def scene(on: Stage) -> None:
        on.creates(Reply(body=with_id(on.tape, ODD_IDS[name])))
        try:
            job = await on.client.submit(WISH)
        except AmbiguousSubmit:
            job = None
        if job is not None:
            await _asks_where_it_should(on, job)
        assert on.gateway.count("POST") == 1

    await clients.play(scene)


async def _asks_where_it_should(on: Stage, job: RemoteJob) -> None:
    assert json.loads(json.dumps(dict(job.reference))) == job.reference
    with pytest.raises(ProviderError):
        await on.client.fetch(job.reference)
    before, after = parts_of(on.tape)
    path = on.gateway.received[-1].target
    assert path.startswith(before)
    assert path.endswith(after)
    inside = path[len(before) : len(path) - len(after)]
    assert inside.strip(".")
    assert not set(inside) & set("/?#\r\n ")


# --- questions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NONSENSE)
async def test_nonsense_ends_no_job(clients: Cast, name: str) -> None:
    async def scene(on: Stage) -> None:
        on.asked(NONSENSE[name])
        with pytest.raises(Transient):
            await on.fetch()
        assert on.gateway.count("POST") == 0

    await clients.play(scene, Terms(SHORT if name in SLOW else SMALL))


async def test_questions_that_are_led_in_circles_end(clients: Cast) -> None:
    async def scene(on: Stage) -> None:
        on.asked(_redirect(on.tape.question))
        with pytest.raises(Transient, match="without an end"):
            await on.fetch()
        assert len(on.gateway.received) == SHORT.redirects + 1

    await clients.play(scene)


@pytest.mark.parametrize("name", WAITS)
async def test_absurd_waits_are_not_waited_for(clients: Cast, name: str) -> None:
    wait, much = WAITS[name], "1e300"
    headers = {
        **dict.fromkeys(("retry-after", "retry-after-ms", "openai-poll-after-ms"), wait),
        "x-ratelimit-limit-requests": much,
        "x-ratelimit-remaining-requests": much,
        "x-ratelimit-reset-requests": "1s",
    }

    async def scene(on: Stage) -> None:
        on.finished(on.link)
        for path, body in on.tape.told.items():
            on.gateway.on("GET", path, Reply(body=body, headers=headers))
        job = await on.fetch()
        on.creates(Reply(429, {"error": {"code": "rate_limit_exceeded"}}, headers=headers))
        with pytest.raises(RateLimited) as caught:
            await on.client.submit(WISH)
        waits = (job.poll_after_ms, caught.value.retry_after_ms)
        assert all(one is None or 0 <= one <= LONGEST for one in waits)
        assert caught.value.room is None

    await clients.play(scene)


@pytest.mark.parametrize("spoken", SPOKEN)
def test_no_field_of_a_wrong_type_is_more_than_a_failure_of_ours(
    tapes: Mapping[str, Tape], spoken: str
) -> None:
    tape = tapes[spoken]
    for way in [way for way in ways(tape.told) if len(way) > 1]:
        for value in WRONG:
            _is_read(spoken, tape, changed(tape.told, way, value))
    for way in ways(tape.made):
        for value in WRONG:
            _is_made(spoken, tape, changed(tape.made, way, value))


def _is_read(spoken: str, tape: Tape, told: Mapping[str, Any]) -> None:
    with suppress(ProviderError):
        assert isinstance(read(spoken, tape, told), JobState)


def _is_made(spoken: str, tape: Tape, made: Mapping[str, Any]) -> None:
    """A job by a name that can be stored, or none."""
    if spoken in WIRES:
        reference = WIRES[spoken].made(made, Ask("POST", tape.create))
        assert reference is None or json.loads(json.dumps(dict(reference))) == reference


@pytest.mark.parametrize("spoken", SPOKEN)
@given(data=st.data())
@settings(max_examples=10)
def test_a_finished_job_bent_anyhow_is_a_job_or_a_failure_of_ours(
    tapes: Mapping[str, Tape], spoken: str, data: st.DataObject
) -> None:
    tape = tapes[spoken]
    _is_read(spoken, tape, _bent(tape.told, data))
    _is_made(spoken, tape, _bent({"": tape.made}, data)[""] or {})


def _bent(told: Mapping[str, Any], data: st.DataObject) -> Mapping[str, Any]:
    """The same with up to three of its values replaced, in any of its bodies."""
    for _ in range(data.draw(st.integers(1, 3))):
        places = [way for way in ways(told) if len(way) > 1]
        if places:
            told = changed(told, data.draw(st.sampled_from(places)), data.draw(ANY_JSON))
    return told


# --- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NO_FILES)
async def test_what_is_no_whole_film_is_not_kept_as_one(clients: Cast, name: str) -> None:
    async def scene(on: Stage) -> None:
        on.file(NO_FILES[name])
        with pytest.raises(ProviderError) as caught:
            await on.download()
        assert type(caught.value) in {Transient, AssetExpired} or name == "no access"
        assert not on.target.exists()
        assert on.left() <= SMALL.download_bytes + _PIECE
        assert len(on.gateway.received) < _MANY

    await clients.play(scene, Terms(SHORT if name in SLOW else SMALL))


@pytest.mark.parametrize("name", RESUMED)
async def test_parts_of_two_films_are_never_joined(clients: Cast, name: str) -> None:
    begun = Reply(body=MP4, headers={"etag": '"1"'}, cut=2000)
    whole = Reply(body=OTHER, headers={"etag": '"2"'})

    async def scene(on: Stage) -> None:
        on.file(begun, RESUMED[name], whole)
        with pytest.raises(Transient):
            await on.download()
        for _ in range(4):
            with suppress(Transient):
                await on.download()
                break
        assert on.target.read_bytes() in {MP4, OTHER}

    await clients.play(scene)


@pytest.mark.parametrize("way", ["garbage after the head", "a length that is too short"])
async def test_what_only_begins_like_a_film_is_found_out_by_the_probe(
    clients: Cast, way: str
) -> None:
    film = clip()
    short = Reply(body=film, length=len(film) // 2)
    reply = Reply(body=film[:32] + b"\xa5" * 3000) if way.startswith("garbage") else short

    async def scene(on: Stage) -> None:
        on.file(reply)
        await on.download()
        with pytest.raises(MediaError):
            probe_file(on.target)

    await clients.play(scene)


# --- memory ------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", HUGE)
@pytest.mark.parametrize("spoken", SPOKEN)
async def test_nothing_fills_our_memory(clients: Cast, spoken: str, what: str) -> None:
    async def scene(on: Stage) -> None:
        on.file(HUGE[what])
        if what.startswith("answer"):
            on.asked(HUGE[what])
        on.creates(HUGE[what])
        call = on.client.submit(WISH) if "order" in what else on.download()
        tracemalloc.start()
        try:
            with pytest.raises((Transient, AmbiguousSubmit)):
                await call
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < ROOM
        assert not on.target.exists()

    await clients.alone(spoken, scene, Terms(PLENTY))
