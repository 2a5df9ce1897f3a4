"""How different servers of this contract talk: shapes of jobs and errors, gaps, odd words.

What is known of each is from its source as released by November 2026: LiteLLM 1.109.1, vLLM-Omni
0.30.0, SGLang 0.5.23, new-api.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from adapters.providers.simulator.answers import ApiError
from adapters.providers.simulator.jobs import SimJob, Status

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sight:
    """A job as it looks at one moment. `url` is where its bytes are; `expires_at` is in s."""

    job: SimJob
    status: Status
    progress: int
    url: str
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to talk.

    `created` shapes the answer to a create, `job` any later one. `failed_status` reads the HTTP
    status with which a failed job is told (None: 200). `lacks` are operations without a route,
    `denies` ones with a route that always says no.
    """

    new_id: Callable[[], str]
    job: Callable[[Sight], Json]
    error: Callable[[ApiError], Json]
    created: Callable[[Sight], Json]
    deleted: Callable[[Sight], Json]
    failed_status: Callable[[Sight], int | None] = lambda _: None
    lacks: frozenset[str] = frozenset()
    denies: frozenset[str] = frozenset()
    takes_json: bool = True
    deletes_running: bool = False
    variants: tuple[str, ...] | None = ("video", "thumbnail", "spritesheet")
    not_ready: int = 404
    no_file: int = 404


# --- openai -----------------------------------------------------------------------------------


def _openai_job(sight: Sight) -> Json:
    job = sight.job
    done = job.finished_at // 1000 if job.finished_at and sight.status in _ENDED else None
    return {
        "id": job.id,
        "object": "video",
        "model": job.model,
        "status": sight.status.value,
        "progress": sight.progress,
        "created_at": job.created_at // 1000,
        "completed_at": done,
        "expires_at": sight.expires_at,
        "prompt": job.prompt,
        "size": size_of(job),
        "seconds": str(job.spec.seconds),
        "remixed_from_video_id": job.parent,
        "error": _openai_failure(sight),
    }


_ENDED = (Status.COMPLETED, Status.FAILED)


def size_of(job: SimJob) -> str:
    """``1280x720``."""
    return f"{job.spec.width}x{job.spec.height}"


def _openai_failure(sight: Sight) -> Json | None:
    if sight.status is not Status.FAILED:
        return None
    return {"code": sight.job.error_code, "message": sight.job.error_message}


def _openai_error(error: ApiError) -> Json:
    return {
        "error": {
            "message": error.message,
            "type": error.kind,
            "param": error.param,
            "code": error.code,
        }
    }


def _openai_deleted(sight: Sight) -> Json:
    return {"id": sight.job.id, "object": "video.deleted", "deleted": True}


_OPENAI = Dialect(
    new_id=lambda: f"video_{secrets.token_hex(24)}",
    job=_openai_job,
    created=_openai_job,
    error=_openai_error,
    deleted=_openai_deleted,
)


# --- litellm ----------------------------------------------------------------------------------


def _litellm_id() -> str:
    """Long, and it may end in ``=``."""
    inner = f"litellm:custom_llm_provider:sim;model_id:sim;video_id:{secrets.token_hex(20)}"
    return "video_" + base64.b64encode(inner.encode()).decode()


def _litellm_created(sight: Sight) -> Json:
    return {
        "id": sight.job.id,
        "object": "video",
        "status": "processing",
        "model": sight.job.model,
    }


def _litellm_job(sight: Sight) -> Json:
    shape = _litellm_created(sight)
    if sight.status in _ENDED:
        shape |= {"status": sight.status.value, "error": _openai_failure(sight)}
        shape["usage"] = {"duration_seconds": float(sight.job.spec.seconds)}
    return shape


def _litellm_error(error: ApiError) -> Json:
    shape = _openai_error(error)
    shape["error"]["code"] = str(error.status) if error.code is None else error.code
    return shape


_LITELLM = Dialect(
    new_id=_litellm_id,
    job=_litellm_job,
    created=_litellm_created,
    error=_litellm_error,
    deleted=_openai_deleted,
    lacks=frozenset({"delete"}),
    denies=frozenset({"remix", "edit", "extend"}),
    variants=None,
    not_ready=400,
    no_file=500,
)


# --- vllm-omni --------------------------------------------------------------------------------


def _vllm_code(sight: Sight) -> int | None:
    if sight.status is not Status.FAILED:
        return None
    return 400 if sight.job.error_code == "moderation_blocked" else 500


def _vllm_job(sight: Sight) -> Json:
    shape = _openai_job(sight)
    if sight.status is not Status.COMPLETED:
        shape["progress"] = 0
    if code := _vllm_code(sight):
        shape["error"] = {"code": code, "message": sight.job.error_message}
    return shape


def _vllm_error(error: ApiError) -> Json:
    shape = _openai_error(error)
    shape["error"]["code"] = error.status
    return shape


_VLLM_OMNI = Dialect(
    new_id=lambda: f"video_gen_{secrets.token_hex(16)}",
    job=_vllm_job,
    created=_vllm_job,
    error=_vllm_error,
    deleted=_openai_deleted,
    failed_status=_vllm_code,
    lacks=frozenset({"remix", "edit", "extend"}),
    takes_json=False,
    deletes_running=True,
    variants=None,
    not_ready=404,
    no_file=422,
)


# --- sglang -----------------------------------------------------------------------------------


def _sglang_job(sight: Sight) -> Json:
    shape = _openai_job(sight)
    done = sight.status is Status.COMPLETED
    shape["progress"] = {Status.QUEUED: 0, Status.IN_PROGRESS: 50}.get(sight.status, 100)
    shape |= {"url": sight.url if done else None, "urls": [sight.url] if done else None}
    shape["file_path"] = f"outputs/{sight.job.id}.mp4" if done else None
    return shape


_SGLANG = Dialect(
    new_id=lambda: secrets.token_hex(16),
    job=_sglang_job,
    created=_sglang_job,
    error=lambda error: {"detail": error.message},
    deleted=lambda sight: {**_sglang_job(sight), "status": "deleted"},
    lacks=frozenset({"remix", "edit", "extend"}),
    deletes_running=True,
    variants=("0",),
    not_ready=404,
    no_file=404,
)


# --- new-api ----------------------------------------------------------------------------------


def _new_api_job(sight: Sight) -> Json:
    shape = _openai_job(sight)
    shape["task_id"] = sight.job.id
    if sight.status is Status.QUEUED:
        shape["status"] = "NOT_START"
    if sight.status is Status.COMPLETED:
        shape["metadata"] = {"url": sight.url}
    return shape


def _new_api_error(error: ApiError) -> Json:
    """Flat, and a 429 speaks Chinese: only the code tells an empty account from a short pause."""
    words = "当前分组上游负载已饱和,请稍后再试" if error.status == 429 else error.message  # noqa: PLR2004 - the status of the words; its real comma
    return {"code": error.code or error.kind, "message": words, "data": None}


_NEW_API = Dialect(
    new_id=lambda: f"task_{secrets.token_urlsafe(24)}",
    job=_new_api_job,
    created=_new_api_job,
    error=_new_api_error,
    deleted=_openai_deleted,
    lacks=frozenset({"list", "delete", "edit", "extend"}),
    variants=None,
    not_ready=400,
    no_file=502,
)

DIALECTS = MappingProxyType(
    {
        "openai": _OPENAI,
        "litellm": _LITELLM,
        "vllm-omni": _VLLM_OMNI,
        "sglang": _SGLANG,
        "new-api": _NEW_API,
    }
)
"""All dialects by name."""
