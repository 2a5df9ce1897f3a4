"""What a provider has names and statuses of its own for."""

from __future__ import annotations

import pytest
from httpx import Headers

from adapters.providers.http import Answer
from adapters.providers.judging import Judge
from bot.errors import (
    BadCredentials,
    Billing,
    InvalidRequest,
    JobNotFound,
    Moderated,
    ProviderError,
    Unsupported,
)
from tests.fakes.clock import START


def refused(status: int, body: bytes) -> Answer:
    return Answer(status, Headers(), body, whole=True)


@pytest.mark.parametrize(
    "judge, body, kind",
    [
        (Judge(kinds={"http_403": Billing}), b'{"detail": "No."}', Billing),
        (Judge(), b'{"detail": "No."}', BadCredentials),
        (Judge(kinds={"http_403": Billing}), b'{"code": "nsfw", "message": "No."}', Moderated),
        (Judge(kinds={"403": Moderated}), b"<h1>Forbidden</h1>", BadCredentials),
        (Judge(kinds={"nope": Moderated}), b'{"code": "Nope"}', Moderated),
        (Judge(), b'{"detail": "Not enough credits"}', Billing),
    ],
    ids=[
        "own status",
        "plain status",
        "a name before a status",
        "a code is no status",
        "own name",
        "words",
    ],
)
def test_names_are_believed_first_then_the_provider_s_own_statuses(
    judge: Judge, body: bytes, kind: type[ProviderError]
) -> None:
    assert type(judge.not_created(refused(403, body), "create", START)) is kind
    assert type(judge.unanswered(refused(403, body), START)) is kind


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (400, b'{"error": {"message": "Only a completed video can be used."}}', Unsupported),
        (422, b'{"detail": "duration must be 6"}', Unsupported),
        (301, b"", InvalidRequest),
        (404, b'{"error": {"message": "no such video"}}', JobNotFound),
        (400, b'{"error": {"code": "moderation_blocked", "message": "No."}}', Moderated),
    ],
)
@pytest.mark.parametrize("operation", ["remix", "extend"])
def test_a_wish_for_a_finished_video_is_not_wrong_where_a_backend_cannot_fulfil_it(
    operation: str, status: int, body: bytes, kind: type[ProviderError]
) -> None:
    assert type(Judge().not_created(refused(status, body), operation, START)) is kind
