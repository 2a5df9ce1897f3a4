"""How different servers of this contract talk: shapes of jobs and errors, gaps, odd words.

What is known of each is from its source as released by November 2026: LiteLLM 1.109.1, vLLM-Omni
0.30.0, SGLang 0.5.23, new-api; of Azure and LaoZhang from their pages. LiteLLM's errors are as its
proxy 1.110.2 told them (`make litellm`), its ids as the older one wrote them, which is harder.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from adapters.providers.simulator.answers import UNROUTED, ApiError
from adapters.providers.simulator.jobs import SimJob, Status
from adapters.providers.simulator.settings import SMALL, SimulatorSettings

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

    `created` shapes the answer to a create, `remixed` that to a create with a source, `job` any
    later one, `listed` one in a list (None: as `job` does). `failed_status` reads the HTTP
    status with which a failed job is told (None: 200). `lacks` are operations without a route,
    `denies` ones with a route that always says no. `unknown` is the status for an id that nobody
    has, `unrouted` the one for a wrong method. `limits` are the least and the most that a list may
    be asked for, and how many it shows unasked (None: all). `sells` narrows what can be ordered.
    `card` shows a model; `openapi` is the title of the server's own description ("": it has none).
    """

    new_id: Callable[[], str]
    job: Callable[[Sight], Json]
    error: Callable[[ApiError], Json]
    created: Callable[[Sight], Json]
    deleted: Callable[[Sight], Json]
    remixed: Callable[[Sight], Json] | None = None
    listed: Callable[[Sight], Json] | None = None
    content_error: Callable[[ApiError], Json] | None = None
    failed_status: Callable[[Sight], int | None] = lambda _: None
    sells: Callable[[SimulatorSettings], SimulatorSettings] = lambda settings: settings
    card: Callable[[str], Json] = lambda model: _card(model, "openai")
    key_header: str = "authorization"
    key_prefix: str = "Bearer "
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    openapi: str = ""
    lacks: frozenset[str] = frozenset()
    denies: frozenset[str] = frozenset()
    takes_json: bool = True
    deletes_running: bool = False
    aborts: bool = True
    variants: tuple[str, ...] | None = ("video", "thumbnail", "spritesheet")
    not_ready: int = 404
    no_file: int = 404
    unknown: int = 404
    unrouted: int = 405
    limits: tuple[int, int, int | None] = (0, 100, 20)


def _card(model: str, owner: str) -> Json:
    return {"id": model, "object": "model", "created": 1_760_000_000, "owned_by": owner}


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
_MODERATED = "moderation_blocked"


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


_LITELLM_MODEL = "model_id:"


def _litellm_id() -> str:
    """Long, and it may end in ``=``."""
    return _litellm_packed("custom_llm_provider:sim", "sim", f"video_id:{secrets.token_hex(20)}")


def _litellm_packed(provider: str, model: str, video: str) -> str:
    inner = f"litellm:{provider};{_LITELLM_MODEL}{model};{video}"
    return "video_" + base64.b64encode(inner.encode()).decode()


def _litellm_as(job: SimJob, model: str) -> str:
    """The id of a job as other answers than that to its create write it."""
    inner = base64.b64decode(job.id.removeprefix("video_")).decode()
    provider, _, video = inner.removeprefix("litellm:").split(";")
    return _litellm_packed(provider, model, video)


def _litellm_created(sight: Sight) -> Json:
    return {
        "id": sight.job.id,
        "object": "video",
        "status": "processing",
        "model": sight.job.model,
    }


def _litellm_remixed(sight: Sight) -> Json:
    """The id lacks the model: as it is, it leads to no account."""
    return {**_litellm_created(sight), "id": _litellm_as(sight.job, "")}


def _litellm_listed(sight: Sight) -> Json:
    return {**_litellm_job(sight), "id": _litellm_as(sight.job, sight.job.model)}


def _litellm_job(sight: Sight) -> Json:
    """Completed is whatever has ended, unless the server behind it names a reason."""
    shape = _litellm_remixed(sight)
    if sight.status in _ENDED:
        told = sight.job.error_code == _MODERATED
        shape["status"] = "failed" if told else "completed"
        shape["error"] = _openai_failure(sight) if told else None
        shape["usage"] = {"duration_seconds": float(sight.job.spec.seconds)}
    return shape


def _litellm_error(error: ApiError) -> Json:
    """It quotes the server behind it, and has type and code from the status alone."""
    if error.kind == UNROUTED:
        return {"detail": error.message}
    shape = _openai_error(error)
    if error.status != _NO_ENTRY:
        name = _LITELLM_NAMES.get(error.status, "InternalServerError: InternalServerError")
        quote = f"litellm.{name}: OpenAIException - {json.dumps(shape)}"
        after = "LiteLLM: model group 'sim' failed with the error above. No fallback was attempted."
        shape["error"] |= {"message": f"{quote}\n\n{after}", "param": None}
    shape["error"] |= {"type": _litellm_type(error.status), "code": str(error.status)}
    return shape


_NO_ENTRY, _TOO_MANY, _FIRST_FAULT = 401, 429, 500
_LITELLM_NAMES: Mapping[int, str] = MappingProxyType(
    {
        400: "BadRequestError",
        404: "NotFoundError",
        409: "BadRequestError",
        429: "RateLimitError: RateLimitError",
        502: "BadGatewayError: BadGatewayError",
        503: "ServiceUnavailableError: ServiceUnavailableError",
    }
)


def _litellm_type(status: int) -> str:
    if status == _NO_ENTRY:
        return "auth_error"
    if status == _TOO_MANY:
        return "throttling_error"
    return "internal_server_error" if status >= _FIRST_FAULT else "invalid_request_error"


_LITELLM = Dialect(
    new_id=_litellm_id,
    job=_litellm_job,
    created=_litellm_created,
    remixed=_litellm_remixed,
    listed=_litellm_listed,
    error=_litellm_error,
    deleted=_openai_deleted,
    headers={"x-litellm-version": "1.110.2"},
    openapi="LiteLLM API",
    lacks=frozenset({"delete"}),
    denies=frozenset({"edit", "extend"}),
    variants=None,
    no_file=500,
)


# --- vllm-omni --------------------------------------------------------------------------------


def _vllm_code(sight: Sight) -> int | None:
    if sight.status is not Status.FAILED:
        return None
    return 400 if sight.job.error_code == _MODERATED else 500


def _vllm_job(sight: Sight) -> Json:
    shape = _openai_job(sight)
    if sight.status is not Status.COMPLETED:
        shape["progress"] = 0
    if code := _vllm_code(sight):
        shape["error"] = {"code": code, "message": sight.job.error_message}
    return shape


def _vllm_error(error: ApiError) -> Json:
    """It says no with the words of HTTP; an empty account can only be one in front of it."""
    shape = _openai_error(error)
    shape["error"]["code"] = error.status
    if error.kind != "insufficient_quota":
        shape["error"]["type"] = HTTPStatus(error.status).phrase
    return shape


_VLLM_OMNI = Dialect(
    new_id=lambda: f"video_gen_{secrets.token_hex(16)}",
    job=_vllm_job,
    created=_vllm_job,
    error=_vllm_error,
    deleted=_openai_deleted,
    failed_status=_vllm_code,
    card=lambda model: _card(model, "vllm"),
    openapi="FastAPI",
    limits=(0, 100, None),
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
    card=lambda model: {**_card(model, "sglang"), "task_type": "T2V", "num_gpus": 1},
    openapi="FastAPI",
    lacks=frozenset({"remix", "edit", "extend"}),
    deletes_running=True,
    aborts=False,
    limits=(1, 100, 20),
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
    """Flat, and a 429 speaks Chinese: only the code tells an empty account from a short pause.

    Its doors (key, routes) and its files speak as OpenAI does.
    """
    if error.status == HTTPStatus.UNAUTHORIZED:
        return {"error": {"message": error.message, "type": "new_api_error", "code": ""}}
    if error.kind == UNROUTED:
        text = "Invalid URL"
        return {"error": {"message": text, "type": "invalid_request_error", "code": ""}}
    if error.code == "not_found":
        return {"code": "task_not_exist", "message": "task_not_exist", "data": None}
    words = "当前分组上游负载已饱和,请稍后再试" if error.status == 429 else error.message  # noqa: PLR2004 - the status of the words; its real comma
    return {"code": error.code or "fail_to_fetch_task", "message": words, "data": None}


def _new_api_content_error(error: ApiError) -> Json:
    return {"error": {"message": error.message, "type": error.kind}}


_NEW_API = Dialect(
    new_id=lambda: f"task_{secrets.token_urlsafe(24)}",
    job=_new_api_job,
    created=_new_api_job,
    error=_new_api_error,
    content_error=_new_api_content_error,
    deleted=_openai_deleted,
    card=lambda model: {**_card(model, "custom"), "supported_endpoint_types": ["openai-video"]},
    headers={"x-new-api-version": "v1.0.0", "x-oneapi-request-id": "2026112718000000"},
    lacks=frozenset({"list", "delete", "edit", "extend"}),
    variants=None,
    not_ready=400,
    no_file=400,
    unknown=400,
    unrouted=404,
)

# --- azure ------------------------------------------------------------------------------------


def _azure_sells(settings: SimulatorSettings) -> SimulatorSettings:
    """One model in its two small sizes."""
    return replace(settings, models={"sora-2": SMALL}, seconds=("4", "8", "12"))


def _azure_error(error: ApiError) -> Json:
    if error.status == HTTPStatus.UNAUTHORIZED:
        return {"error": {"code": "401", "message": "Access denied due to invalid API key."}}
    if error.code == "model_not_found":
        text = "The API deployment for this resource does not exist."
        return {"error": {"code": "DeploymentNotFound", "message": text}}
    shape = _openai_error(error)
    if error.kind == "invalid_request_error":
        shape["error"]["type"] = "video_generation_user_error"
    return shape


_AZURE = replace(
    _OPENAI,
    error=_azure_error,
    sells=_azure_sells,
    key_header="api-key",
    key_prefix="",
    headers={"apim-request-id": "00000000-0000-4000-8000-000000000000"},
    lacks=frozenset({"edit", "extend"}),
)

# --- laozhang ---------------------------------------------------------------------------------


def _laozhang_job(sight: Sight) -> Json:
    shape = _openai_job(sight)
    shape = {name: value for name, value in shape.items() if value is not None}
    if sight.status is Status.COMPLETED:
        shape["video_url"] = sight.url
    return shape


_LAOZHANG = replace(
    _OPENAI,
    job=_laozhang_job,
    created=_laozhang_job,
    lacks=frozenset({"list", "delete", "remix", "edit", "extend"}),
    variants=None,
    not_ready=400,
    no_file=400,
)

DIALECTS = MappingProxyType(
    {
        "openai": _OPENAI,
        "litellm": _LITELLM,
        "vllm-omni": _VLLM_OMNI,
        "sglang": _SGLANG,
        "new-api": _NEW_API,
        "azure": _AZURE,
        "laozhang": _LAOZHANG,
    }
)
"""All dialects by name."""
