"""What the simulator's webhooks say, and how they are signed, in the way of each kind of sender."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.webhooks import openrouter, standard
from adapters.providers.webhooks.fal import HEADERS as FAL_HEADERS
from adapters.providers.webhooks.fal import Seal
from bot.domain.webhooks import Scheme

_USER = "simulated-user"


@dataclass(frozen=True, slots=True)
class Letter:
    """News of a job; `id` is the message's own, and stays while it is repeated."""

    id: str
    job: SimJob
    body: bytes


Body = Callable[[SimJob, int], Mapping[str, Any]]
"""What is told of a job that ended, at a time in ms."""


class Pen:
    """Writes letters in one scheme. `page` has the public key of the one that needs such a page.

    They say `body`, or what is usual with the scheme.
    """

    def __init__(self, scheme: Scheme, secret: str, body: Body | None = None) -> None:
        self._scheme = scheme
        self._secret = secret
        self._body = body or _BODIES[scheme]
        self._seal = Seal()

    @property
    def page(self) -> Mapping[str, Any]:
        """The page with the public key."""
        return self._seal.page

    def letter(self, job: SimJob, name: str, now: int) -> Letter:
        """The message `name` about a job that ended; `now` in ms."""
        return Letter(name, job, json.dumps(self._body(job, now)).encode())

    def headers(self, letter: Letter, stamp: str) -> dict[str, str]:
        """What proves it at the time `stamp` (seconds)."""
        match self._scheme:
            case Scheme.STANDARD:
                signed = standard.signature(self._secret, letter.id, stamp, letter.body)
                return dict(zip(standard.HEADERS, (letter.id, stamp, signed), strict=True))
            case Scheme.OPENROUTER:
                signed = openrouter.signature(self._secret, stamp, letter.body)
                key = f"{letter.job.id}-{_word(letter.job)}"
                return dict(zip(openrouter.HEADERS, (signed, key), strict=True))
            case Scheme.FAL:
                lines = (letter.id, _USER, stamp)
                signed = self._seal.signature(lines, letter.body)
                return dict(zip(FAL_HEADERS, (*lines, signed), strict=True))
            case Scheme.SECRET_PATH:
                return {}


def _word(job: SimJob) -> str:
    return "completed" if job.status is Status.COMPLETED else "failed"


def _openai(job: SimJob, now: int) -> dict[str, Any]:
    return {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "type": f"video.{_word(job)}",
        "created_at": now // 1000,
        "data": {"id": job.id},
    }


def _openrouter(job: SimJob, now: int) -> dict[str, Any]:
    return {
        "type": f"video.generation.{_word(job)}",
        "created_at": now // 1000,
        "data": {"id": job.id, "status": _word(job)},
    }


def _fal(job: SimJob, _: int) -> dict[str, Any]:
    done = job.status is Status.COMPLETED
    error = {} if done else {"error": job.error_message}
    status = "OK" if done else "ERROR"
    return {"request_id": job.id, "gateway_request_id": job.id, "status": status, **error}


def _kling(job: SimJob, now: int) -> dict[str, Any]:
    status = "succeed" if job.status is Status.COMPLETED else "failed"
    return {"task_id": job.id, "task_status": status, "updated_at": now}


_BODIES: Mapping[Scheme, Body] = MappingProxyType(
    {
        Scheme.STANDARD: _openai,
        Scheme.OPENROUTER: _openrouter,
        Scheme.FAL: _fal,
        Scheme.SECRET_PATH: _kling,
    }
)
