"""Task APIs without a server: what one answer becomes, and the client before a scripted gateway."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import httpx

from adapters.providers.guard import Origin
from adapters.providers.http import Answer
from adapters.providers.judging import Judge
from adapters.providers.tasks.client import TaskVideos
from adapters.providers.tasks.wire import Ask, Wire
from bot.domain.videos import Size
from bot.errors import ProviderError
from bot.ports import RemoteJob, SubmitRequest
from tests.fakes.clock import START, FakeClock
from tests.fakes.gateway import KEY, Gateway
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.told import ToldPayload

REFERENCE = {"id": "task-1"}
TOLD_AT = "https://bot.example/webhooks/videos/any/default/a-path_that-nobody_else-has-seen"
TELLING = SubmitRequest("a red kite", "maker/model", Size(1280, 720), 5, webhook_url=TOLD_AT)
"""A create that names where its end may be told."""


def shown(ask: Ask) -> str:
    """All that a request says."""
    return f"{ask.path} {ask.json} {ask.headers} {ask.params}"


def judge_of(wire: Wire) -> Judge:
    """Who judges answers of that provider."""
    return Judge(KEY, wire.kinds)


def job_told(wire: Wire, payload: ToldPayload) -> RemoteJob:
    """The job that an answer tells of."""
    told = wire.told(payload.body, REFERENCE)
    assert told is not None
    return told.job(REFERENCE, judge_of(wire))


def refused(wire: Wire, payload: ErrorPayload) -> ProviderError:
    """Why there is no job after that answer to a create."""
    answer = Answer(payload.status, httpx.Headers(), json.dumps(payload.body).encode())
    return judge_of(wire).not_created(answer, "create", START)


def unanswered(wire: Wire, payload: ErrorPayload) -> ProviderError:
    """Why that answer to a question says nothing of the job."""
    answer = Answer(payload.status, httpx.Headers(), json.dumps(payload.body).encode())
    return judge_of(wire).unanswered(answer, START)


def read_everything(wire: Wire, data: dict[str, object]) -> None:
    """Nothing but a `ProviderError` may come of an odd answer; what is read can be stored."""
    made = wire.made(data, Ask("POST", "/videos/text2video"))
    if made is not None:
        assert json.loads(json.dumps(dict(made))) == made
        assert isinstance(made["id"], str)
    with suppress(ProviderError):
        told = wire.told(data, made or REFERENCE)
        job = told.job(REFERENCE, judge_of(wire)) if told else None
        assert job is None or job.progress is None or 0 <= job.progress <= 100
        assert job is None or job.cost_micros is None or job.cost_micros >= 0


@asynccontextmanager
async def client_before(
    gateway: Gateway, wire: Wire, *files: Gateway
) -> AsyncGenerator[TaskVideos]:
    """The real client, which takes a scripted gateway for the provider, and others for `files`."""
    path = httpx.URL(wire.url).raw_path.decode()
    trusted = frozenset(Origin.of(httpx.URL(one.origin)) for one in files)
    base = gateway.origin + path.rstrip("/")
    client = TaskVideos(wire, base, KEY, FakeClock(), trusted=trusted)
    try:
        yield client
    finally:
        await client.aclose()
