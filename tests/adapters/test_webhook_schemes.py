"""How messages of each kind of sender are read, from vectors made by the senders' own formulas."""

from __future__ import annotations

import json

import pytest

from adapters.providers.webhooks.fal import MOST_KEYS, Seal, keys_on
from adapters.providers.webhooks.messages import WINDOW, Message, News, Refusal
from adapters.providers.webhooks.schemes import READERS
from bot.domain.webhooks import LEAST_SECRET, Hook, Scheme, fits
from tests.fakes.senders import Letter, Sender

NOW = 1_790_000_000
EACH = pytest.mark.parametrize("scheme", list(Scheme))
SIGNED = pytest.mark.parametrize("scheme", [one for one in Scheme if one is not Scheme.SECRET_PATH])


def trusted(sender: Sender) -> tuple[str, ...]:
    """What the account of a sender trusts."""
    page = json.dumps(sender.page).encode()
    return keys_on(page) if sender.scheme is Scheme.FAL else (sender.secret,)


def read(
    sender: Sender, letter: Letter, now: int = NOW, keys: tuple[str, ...] | None = None
) -> News | Refusal:
    """What our side makes of a letter."""
    headers = {name.lower(): text for name, text in letter.headers}
    secret = letter.path.rpartition("/")[2] if sender.scheme is Scheme.SECRET_PATH else ""
    known = trusted(sender) if keys is None else keys
    return READERS[sender.scheme].read(known, Message(headers, letter.body, secret), now)


def name_in(news: News | Refusal) -> str | None:
    assert isinstance(news, News)
    return news.name


@EACH
def test_news_of_a_job_names_it(scheme: Scheme) -> None:
    sender = Sender(scheme)
    assert name_in(read(sender, sender.letter(sender.news("job-1"), NOW))) == "job-1"


@EACH
def test_the_same_message_again_is_the_same_news(scheme: Scheme) -> None:
    sender = Sender(scheme)
    first = read(sender, sender.letter(sender.news("job-1"), NOW))
    again = read(sender, sender.letter(sender.news("job-1"), NOW + 20), NOW + 20)
    other = read(sender, sender.letter(sender.news("job-2"), NOW, "wh_2"))
    assert isinstance(first, News)
    assert isinstance(other, News)
    assert first == again
    assert first.id != other.id


@EACH
def test_nothing_is_trusted_without_a_key(scheme: Scheme) -> None:
    sender = Sender(scheme)
    letter = sender.letter(sender.news("job-1"), NOW)
    for keys in ((), ("",), ("another key",), ("00" * 32,)):
        assert read(sender, letter, keys=keys) is Refusal.NOT_SIGNED


@EACH
def test_of_several_keys_one_is_enough(scheme: Scheme) -> None:
    sender = Sender(scheme)
    letter = sender.letter(sender.news("job-1"), NOW)
    assert isinstance(read(sender, letter, keys=("00" * 32, *trusted(sender))), News)


@SIGNED
def test_a_message_counts_for_five_minutes_and_not_longer(scheme: Scheme) -> None:
    sender = Sender(scheme)
    letter = sender.letter(sender.news("job-1"), NOW)
    for now in (NOW - WINDOW, NOW + WINDOW):
        assert isinstance(read(sender, letter, now), News)
    for now in (NOW - WINDOW - 1, NOW + WINDOW + 1):
        assert read(sender, letter, now) is Refusal.NOT_SIGNED


@SIGNED
def test_a_body_that_was_changed_is_not_signed(scheme: Scheme) -> None:
    sender = Sender(scheme)
    letter = sender.letter(sender.news("job-1"), NOW)
    other = Letter(letter.path, letter.headers, sender.news("job-2"))
    assert read(sender, other) is Refusal.NOT_SIGNED


@EACH
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", "{}".encode("utf-16")])
def test_what_is_no_message_is_nonsense_once_its_sender_is_known(
    scheme: Scheme, body: bytes
) -> None:
    sender = Sender(scheme)
    assert read(sender, sender.letter(body, NOW)) is Refusal.NONSENSE
    assert read(sender, sender.letter(body, NOW), keys=()) is Refusal.NOT_SIGNED


@pytest.mark.parametrize(
    "scheme, body",
    [
        (Scheme.OPENROUTER, {"type": "video.generation.progress", "data": {"id": "job-1"}}),
        (Scheme.OPENROUTER, {"type": "video.generation.failed", "data": "job-1"}),
        (Scheme.OPENROUTER, {"type": "video.generation.failed", "data": {"id": "job\n1"}}),
        (Scheme.FAL, {"gateway_request_id": "job-1"}),
        (Scheme.FAL, {"request_id": ["job-1"]}),
        (Scheme.SECRET_PATH, {"task_id": "job-1", "task_status": "processing"}),
        (Scheme.SECRET_PATH, {"id": "job-1", "status": "IN_PROGRESS"}),
    ],
)
def test_news_of_something_else_names_nothing(scheme: Scheme, body: dict[str, object]) -> None:
    sender = Sender(scheme)
    letter = sender.letter(json.dumps(body).encode(), NOW)
    assert name_in(read(sender, letter)) is None


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"task_id": "job-1", "task_status": "failed"}},
        {"job_id": "job-1", "status": "completed"},
        {"request_id": "job-1", "status": "nsfw"},
        {"type": "interaction.completed", "data": {"id": "job-1"}},
    ],
)
def test_who_signs_nothing_names_the_job_in_one_of_four_ways(body: dict[str, object]) -> None:
    sender = Sender(Scheme.SECRET_PATH)
    assert name_in(read(sender, sender.letter(json.dumps(body).encode(), NOW))) == "job-1"


@pytest.mark.parametrize("body", [b"{}", b'{"task_id": 7}', b'{"data": {"id": ""}}'])
def test_who_signs_nothing_must_name_a_job(body: bytes) -> None:
    sender = Sender(Scheme.SECRET_PATH)
    assert read(sender, sender.letter(body, NOW)) is Refusal.NONSENSE


def test_a_vector_of_openrouter_is_what_its_formula_gives() -> None:
    # By `openssl dgst -sha256 -hmac s3cret` over "1790000000," and the body.
    mark = "dabce1dd16ffdb9dd2dc82a81736c3daf655318a25644b9c788615c152ed275f"
    body = b'{"type":"video.generation.completed","data":{"id":"gen-vid-1"}}'
    headers = {"x-openrouter-signature": f"t=1790000000,v1={mark}"}
    reader = READERS[Scheme.OPENROUTER]
    news = reader.read(("s3cret",), Message(headers, body), NOW)
    assert name_in(news) == "gen-vid-1"


@pytest.mark.parametrize(
    "given",
    [
        "v1={mark}",
        "t={now}",
        "t={now},v1=",
        "t={now},t={now},v1={mark}",
        "t={now},v2={mark}",
        "t=soon,v1={mark}",
        "t={now}, v1={mark}",
        "t={now},v1={upper}",
        "t={now},v1={mark}" + "," * 2000,
    ],
)
def test_another_shape_of_openrouters_header_proves_nothing(given: str) -> None:
    sender = Sender(Scheme.OPENROUTER)
    letter = sender.letter(sender.news("job-1"), NOW)
    mark = letter.header(sender.proofs[0]).rpartition("=")[2]
    forged = given.format(now=NOW, mark=mark, upper=mark.upper())
    assert read(sender, letter.but(sender.proofs[0], forged)) is Refusal.NOT_SIGNED


def test_a_key_that_is_not_signed_cannot_hide_the_news_of_another_job() -> None:
    sender = Sender(Scheme.OPENROUTER)
    key = ("X-OpenRouter-Idempotency-Key", "job-2-completed")
    ids: list[str] = []
    for job in ("job-1", "job-2"):
        letter = sender.letter(sender.news(job), NOW)
        news = read(sender, Letter(letter.path, (*letter.headers, key), letter.body))
        assert isinstance(news, News)
        ids.append(news.id)
    assert ids[0] != ids[1]


def test_a_vector_of_fal_is_what_its_formula_gives() -> None:
    # Of the secret key 00 01 … 1f, by `openssl pkeyutl -sign -rawin` over the four lines.
    mark = (
        "461558c837a0d98920eb6c8aa8bff59529b7ac14d19ed21e56e1d337303b3b26"
        "249c6bab356428e05e4d0d31e0329ce538d9ed6392fa3c3e4e0767d2e795780d"
    )
    page = b'{"keys": [{"kty": "OKP", "x": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"}]}'
    headers = {
        "x-fal-webhook-request-id": "req-1",
        "x-fal-webhook-user-id": "user_1",
        "x-fal-webhook-timestamp": "1790000000",
        "x-fal-webhook-signature": mark,
    }
    message = Message(headers, b'{"request_id":"req-1","status":"OK"}')
    assert name_in(READERS[Scheme.FAL].read(keys_on(page), message, NOW)) == "req-1"


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"keys": {}}',
        b'{"keys": ["x", {}, {"x": 7}, {"x": "%%"}, {"x": "AAAA"}]}',
        b'{"keys": [{"crv": "P-256", "x": "' + b"A" * 43 + b'"}]}',
    ],
)
def test_a_page_without_keys_has_none(page: bytes) -> None:
    assert keys_on(page) == ()


def test_of_a_page_with_many_keys_only_some_are_looked_at() -> None:
    entry = Sender(Scheme.FAL).page["keys"]
    assert isinstance(entry, list)
    many = json.dumps({"keys": entry * (MOST_KEYS + 5)}).encode()
    assert len(keys_on(many)) == MOST_KEYS


def test_who_plays_fal_is_believed_by_its_own_page_alone() -> None:
    seal, other = Seal(), Seal()
    lines, body = ("req-1", "user_1", str(NOW)), b'{"request_id": "req-1"}'
    names = READERS[Scheme.FAL].headers
    message = Message(dict(zip(names, (*lines, seal.signature(lines, body)), strict=True)), body)
    mine, others = (keys_on(json.dumps(one.page).encode()) for one in (seal, other))
    assert name_in(READERS[Scheme.FAL].read(mine, message, NOW)) == "req-1"
    assert READERS[Scheme.FAL].read(others, message, NOW) is Refusal.NOT_SIGNED


@pytest.mark.parametrize(
    "scheme, good, bad",
    [
        (Scheme.STANDARD, "whsec_aHVzaA==", "hush"),
        (Scheme.OPENROUTER, "hush", " hush"),
        (Scheme.FAL, "", "hush"),
        (Scheme.SECRET_PATH, "a-B_9" * 7, "a" * (LEAST_SECRET - 1)),
        (Scheme.SECRET_PATH, "a" * LEAST_SECRET, "a/b" * LEAST_SECRET),
    ],
)
def test_a_secret_fits_its_scheme(scheme: Scheme, good: str, bad: str) -> None:
    assert fits(scheme, good)
    assert not fits(scheme, bad)


def test_names_of_accounts_are_a_part_of_the_address_whatever_is_in_them() -> None:
    hook = Hook("über", "a?b#c", Scheme.STANDARD, "hush")
    assert hook.path == "/webhooks/videos/%C3%BCber/a%3Fb%23c"
