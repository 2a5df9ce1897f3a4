"""A thousand spoiled webhooks in each scheme: all are refused, and nothing is stored of any."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from adapters.providers.webhooks.door import MOST_BYTES, Account, Door, Sender
from adapters.providers.webhooks.fal import keys_on
from adapters.providers.webhooks.keys import KeyPage, Keys, Secret
from bot.domain.jobs import JobState
from bot.domain.webhooks import Scheme
from tests.fakes.clock import FakeClock
from tests.fakes.core import Core, World, running
from tests.fakes.doors import said_to, served
from tests.fakes.gateway import Gateway, Reply
from tests.fakes.senders import Letter
from tests.fakes.senders import Sender as Teller

MANY = 1000
WINDOW = 300
"""Seconds for which a message counts, as all senders say."""
HONEST = frozenset({400, 401, 405, 413})
"""Answers to a spoiled message. 413 is for what is too large, or does not say how large it is."""
ACCOUNT: Account = ("simulator", "default")
OTHER: Account = ("simulator", "other")


@dataclass(frozen=True, slots=True)
class Spoiled:
    """Bytes for the server, and what was done to them. `cut`: the connection ends too early."""

    how: str
    request: bytes
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Bench:
    """What a message is made of: its sender, the job it is about, our time in seconds, luck."""

    teller: Teller
    job: str
    now: int
    luck: Random

    @property
    def right(self) -> Letter:
        """What would be taken."""
        return self.teller.letter(self.teller.news(self.job), self.now, "wh_right")

    @property
    def proof(self) -> str:
        """One of the headers that prove it."""
        return self.luck.choice(self.teller.proofs)


def wire(letter: Letter, *more: str, body: bytes | None = None) -> bytes:
    """A letter as an HTTP request; `body` is what is sent where that is not the whole."""
    lines = [f"{name}: {text}" for name, text in letter.headers]
    head = (f"{letter.method} {letter.path} HTTP/1.1", "host: localhost", "connection: close")
    length = () if more else (f"content-length: {len(letter.body)}",)
    whole = "\r\n".join([*head, *lines, *more, *length, "", ""]).encode("latin-1")
    return whole + (letter.body if body is None else body)


def flipped(text: str, luck: Random) -> str:
    """Another letter or digit in one place."""
    at = luck.randrange(len(text))
    others = [one for one in "0123456789abcdefABCDEFxyz-_" if one != text[at]]
    return text[:at] + luck.choice(others) + text[at + 1 :]


# --- what can be done to any message ------------------------------------------------------------


def another_method(bench: Bench) -> Spoiled:
    method = bench.luck.choice(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
    return Spoiled(method, wire(replace(bench.right, method=method)))


def another_account(bench: Bench) -> Spoiled:
    path = bench.right.path.replace("/".join(ACCOUNT), "/".join(OTHER))
    return Spoiled("other account", wire(replace(bench.right, path=path)))


def too_large(bench: Bench) -> Spoiled:
    body = bench.teller.news(bench.job) + b" " * (MOST_BYTES + bench.luck.randrange(1000))
    return Spoiled("too large", wire(bench.teller.letter(body, bench.now)))


def truncated(bench: Bench) -> Spoiled:
    right = bench.right
    body = right.body[: bench.luck.randrange(len(right.body))]
    return Spoiled("truncated", wire(replace(right, body=body)))


def cut_off(bench: Bench) -> Spoiled:
    right = bench.right
    sent = right.body[: bench.luck.randrange(len(right.body))]
    return Spoiled("cut off", wire(right, body=sent), cut=True)


def without_length(bench: Bench) -> Spoiled:
    body = bench.right.body
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    return Spoiled("chunked", wire(bench.right, "transfer-encoding: chunked", body=chunks))


def encoded(bench: Bench) -> Spoiled:
    text = bench.right.body.decode()
    others = [text.encode(name) for name in ("utf-16", "utf-32", "utf-8-sig", "cp037")]
    body = bench.luck.choice([*others, gzip.compress(text.encode(), mtime=0)])
    return Spoiled("encoded", wire(replace(bench.right, body=body)))


def proven_nonsense(bench: Bench) -> Spoiled:
    nonsense = (b"", b"{", b"null", b"[]", b"\xff\xfe", b"[" * 9000, b"NaN", b'"x"', b'{"a": 1}}')
    letter = bench.teller.letter(bench.luck.choice(nonsense), bench.now)
    return Spoiled("proven nonsense", wire(letter))


# --- what can be done to what is signed -----------------------------------------------------------


def body_flipped(bench: Bench) -> Spoiled:
    body = bytearray(bench.right.body)
    body[bench.luck.randrange(len(body))] ^= 1 << bench.luck.randrange(8)
    return Spoiled("flipped body", wire(replace(bench.right, body=bytes(body))))


def proof_flipped(bench: Bench) -> Spoiled:
    name = bench.proof
    text = flipped(bench.right.header(name), bench.luck)
    return Spoiled("flipped proof", wire(bench.right.but(name, text)))


def proof_bit_flipped(bench: Bench) -> Spoiled:
    name = bench.proof
    data = bytearray(bench.right.header(name).encode())
    data[bench.luck.randrange(len(data))] ^= 1 << bench.luck.randrange(8)
    return Spoiled("flipped bit", wire(bench.right.but(name, data.decode("latin-1"))))


def proof_missing(bench: Bench) -> Spoiled:
    return Spoiled("missing proof", wire(bench.right.without(bench.proof)))


def proof_twice(bench: Bench) -> Spoiled:
    name = bench.proof
    text = bench.right.header(name)
    again = bench.luck.choice([text, "", flipped(text, bench.luck)])
    pairs = [*bench.right.headers, (bench.luck.choice([name, name.upper()]), again)]
    bench.luck.shuffle(pairs)
    return Spoiled("proof twice", wire(replace(bench.right, headers=tuple(pairs))))


def proof_empty(bench: Bench) -> Spoiled:
    text = bench.luck.choice(["", " ", "\t", ",", "0"])
    return Spoiled("empty proof", wire(bench.right.but(bench.proof, text)))


def proof_huge(bench: Bench) -> Spoiled:
    text = bench.luck.choice("a1,=") * bench.luck.randrange(1000, 100_000)
    return Spoiled("huge proof", wire(bench.right.but(bench.proof, text)))


def replayed(bench: Bench) -> Spoiled:
    away = WINDOW + 1 + bench.luck.randrange(10**6)
    then = bench.now + bench.luck.choice([away, -away])
    letter = bench.teller.letter(bench.teller.news(bench.job), then, "wh_old")
    return Spoiled("replayed", wire(letter))


def of_another_message(bench: Bench) -> Spoiled:
    proven = bench.teller.letter(bench.teller.news("video_99"), bench.now, "wh_other")
    return Spoiled("borrowed proof", wire(replace(proven, body=bench.right.body)))


# --- what can be done to a path -------------------------------------------------------------------


def path_flipped(bench: Bench) -> Spoiled:
    head, _, secret = bench.right.path.rpartition("/")
    path = f"{head}/{flipped(secret, bench.luck)}"
    return Spoiled("flipped path", wire(replace(bench.right, path=path)))


def path_cut(bench: Bench) -> Spoiled:
    secret = bench.right.path.rpartition("/")[2]
    path = bench.right.path[: -bench.luck.randrange(1, len(secret) + 2)]
    return Spoiled("cut path", wire(replace(bench.right, path=path)))


def path_longer(bench: Bench) -> Spoiled:
    more = bench.luck.choice(["/", "x", "/x", "%00", "%20", "%ff", "//", "/..", "a" * 5000])
    return Spoiled("longer path", wire(replace(bench.right, path=bench.right.path + more)))


def path_in_another_case(bench: Bench) -> Spoiled:
    head, _, secret = bench.right.path.rpartition("/")
    other = bench.luck.choice([secret.upper(), secret.lower(), secret.swapcase()])
    return Spoiled("other case", wire(replace(bench.right, path=f"{head}/{other}")))


def path_in_a_query(bench: Bench) -> Spoiled:
    head, _, secret = bench.right.path.rpartition("/")
    asked = bench.luck.choice([f"?{secret}", f"/?secret={secret}", f"#{secret}"])
    return Spoiled("query", wire(replace(bench.right, path=head + asked)))


def without_a_job(bench: Bench) -> Spoiled:
    bodies: Sequence[object] = ({}, {"task_id": 7}, {"data": {"id": None}}, {"task_id": "a\x00b"})
    body = json.dumps(bench.luck.choice(bodies)).encode()
    return Spoiled("no job", wire(bench.teller.letter(body, bench.now)))


Spoil = Callable[[Bench], Spoiled]
ANY: Sequence[Spoil] = (
    *(another_method, another_account, too_large, truncated, cut_off),
    *(without_length, encoded, proven_nonsense),
)
SIGNED: Sequence[Spoil] = (
    *(body_flipped, proof_flipped, proof_bit_flipped, proof_missing, proof_twice),
    *(proof_empty, proof_huge, replayed, of_another_message),
)
IN_THE_PATH: Sequence[Spoil] = (
    *(path_flipped, path_cut, path_longer, path_in_another_case, path_in_a_query),
    without_a_job,
)


# --- the bot that they are sent to ----------------------------------------------------------------


def stored(folder: Path) -> Mapping[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with closing(sqlite3.connect(f"file:{folder / 'bot.db'}?mode=ro", uri=True)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: database.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()  # noqa: S608 - names of our own tables
            for (name,) in tables
        }


@asynccontextmanager
async def keys_of(teller: Teller, clock: FakeClock) -> AsyncGenerator[Keys]:
    """What the account of a sender trusts."""
    if teller.scheme is not Scheme.FAL:
        yield Secret(teller.secret)
        return
    async with Gateway() as gateway:
        gateway.on("GET", "/keys", Reply(body=teller.page))
        page = KeyPage(f"{gateway.origin}/keys", keys_on, clock)
        yield page
        await page.aclose()


@asynccontextmanager
async def told(world: World, scheme: Scheme) -> AsyncGenerator[tuple[Core, Bench, int]]:
    """A bot with a job that waits for its backend, and the port of its door."""
    teller, clock = Teller(scheme), world.clock
    async with running(world) as core, keys_of(teller, clock) as keys:
        (job,) = (await core.create()).jobs
        await core.work()
        await core.wait(1000)
        name = str(((await core.job(job.id)).reference or {})["id"])
        senders = {ACCOUNT: Sender(scheme, keys), OTHER: Sender(scheme, Secret("another secret"))}
        door = Door(senders, clock, core.webhooks.woken)
        bench = Bench(teller, name, clock.now() // 1000, Random(scheme.value))  # noqa: S311 - the same in each run
        async with served(door) as port:
            yield core, bench, port


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize("scheme", list(Scheme))
async def test_of_a_thousand_spoiled_webhooks_none_is_taken_and_nothing_is_stored(
    world: World, scheme: Scheme
) -> None:
    async with told(world, scheme) as (core, bench, port):
        before = stored(world.folder)
        seen: Counter[str] = Counter()
        ways = (*ANY, *(IN_THE_PATH if scheme is Scheme.SECRET_PATH else SIGNED))
        for number in range(MANY):
            spoiled = ways[number % len(ways)](bench)
            status = await said_to(port, spoiled.request, ends=spoiled.cut)
            fine = status in HONEST or (spoiled.cut and status is None)
            assert fine, (spoiled.how, status, spoiled.request[:300])
            seen[spoiled.how] += 1
        assert stored(world.folder) == before
        assert seen.total() == MANY

        # After all of that, the right one makes the bot ask, once, and not about others' jobs.
        asked = len(world.provider.asked)
        assert await said_to(port, wire(bench.right)) == 200
        await core.work()
        assert world.provider.asked[asked:] == [bench.job]
        after = stored(world.folder)
        assert after != before
        stranger = bench.teller.letter(bench.teller.news("video_of_others"), bench.now, "wh_2")
        for letter in (bench.right, stranger):
            assert await said_to(port, wire(letter)) == 200
        await core.work()
        assert stored(world.folder) == after
        assert len(world.provider.asked) == asked + 1


@pytest.mark.parametrize("scheme", list(Scheme))
async def test_news_that_comes_again_after_a_restart_costs_a_question_and_no_more(
    world: World, scheme: Scheme
) -> None:
    async with told(world, scheme) as (core, bench, port):
        asked = len(world.provider.asked)
        assert await said_to(port, wire(bench.right)) == 200
        await core.work()
        async with keys_of(bench.teller, world.clock) as keys:
            door = Door({ACCOUNT: Sender(scheme, keys)}, world.clock, core.webhooks.woken)
            async with served(door) as again:
                assert await said_to(again, wire(bench.right)) == 200
        await core.work()
        (job,) = await core.jobs()
        assert (job.state, job.attempt) == (JobState.QUEUED, 1)
        assert (world.provider.posts, len(world.provider.asked)) == (1, asked + 2)
