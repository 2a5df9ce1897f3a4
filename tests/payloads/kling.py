"""What Kling's API answers.

Source: klingai.com's API documents (error codes, text to video, callbacks) and answers that
integrators kept in public repositories, read in November 2026.
"""

from __future__ import annotations

from bot import errors
from bot.domain.jobs import JobState
from tests.payloads.openai_errors import ErrorPayload
from tests.payloads.told import ToldPayload

ID = "867283741759111202"
LINK = "https://cdn.kling.example/bs2/output.mp4?x-kcdn-pid=signed"
_AT = 1_774_805_076_166


def _answer(status: str, **fields: object) -> dict[str, object]:
    task = {
        "task_id": ID,
        "task_status": status,
        "task_info": {"external_task_id": ""},
        "created_at": _AT,
        "updated_at": _AT + 40,
        **fields,
    }
    return {"code": 0, "message": "SUCCEED", "request_id": "c0656403-1e6e", "data": task}


def _refusal(code: int, message: str) -> dict[str, object]:
    return {"code": code, "message": message, "request_id": "c0656403-1e6e"}


CREATED = _answer("submitted")
_VIDEO = {"id": "v1", "url": LINK, "watermark_url": f"{LINK}&wm", "duration": "5.1"}

TOLD = (
    ToldPayload("submitted", CREATED, JobState.QUEUED, created_at=_AT),
    ToldPayload("processing", _answer("processing"), JobState.RENDERING, created_at=_AT),
    ToldPayload(
        "succeed",
        _answer(
            "succeed",
            task_status_msg="",
            task_result={"videos": [_VIDEO]},
            final_unit_deduction="3.5",
        ),
        JobState.FETCHING,
        link=LINK,
        created_at=_AT,
    ),
    ToldPayload(
        "succeed with a remark",
        _answer("succeed", task_status_msg="ok", task_result={"videos": [_VIDEO]}),
        JobState.FETCHING,
        link=LINK,
        created_at=_AT,
    ),
    ToldPayload(
        "moderated",
        _answer("failed", task_status_msg="Failure to pass the risk control system"),
        JobState.MODERATED,
        words="Failure to pass the risk control system",
        created_at=_AT,
    ),
    ToldPayload(
        "failed for nothing",
        _answer("failed", task_status_msg="Internal error", final_unit_deduction="0"),
        JobState.FAILED,
        words="Internal error",
        created_at=_AT,
        charged=False,
    ),
    ToldPayload(
        "failed and taken",
        _answer("failed", task_status_msg="Internal error", final_unit_deduction="3.5"),
        JobState.FAILED,
        words="Internal error",
        created_at=_AT,
        charged=True,
    ),
    ToldPayload("a new word", _answer("polishing"), JobState.RENDERING, created_at=_AT),
)

REFUSED = (
    ErrorPayload("key", 401, _refusal(1002, "access key not found"), errors.BadCredentials),
    ErrorPayload("key expired", 401, _refusal(1004, "expired"), errors.BadCredentials),
    ErrorPayload("account", 429, _refusal(1100, "account exception"), errors.BadCredentials),
    ErrorPayload("arrears", 429, _refusal(1101, "account in arrears"), errors.Billing),
    ErrorPayload("pack", 429, _refusal(1102, "account balance not enough"), errors.Billing),
    ErrorPayload("no access", 403, _refusal(1103, "unauthorized"), errors.BadCredentials),
    ErrorPayload("values", 400, _refusal(1201, "duration is invalid"), errors.InvalidRequest),
    ErrorPayload("model", 404, _refusal(1203, "model is not found"), errors.ModelRetired),
    ErrorPayload("policy", 400, _refusal(1300, "platform policy"), errors.Moderated),
    ErrorPayload("content", 400, _refusal(1301, "content security"), errors.Moderated),
    ErrorPayload("rate", 429, _refusal(1302, "request too fast"), errors.RateLimited),
    ErrorPayload(
        "slots",
        429,
        _refusal(1303, "parallel task over resource pack limit"),
        errors.ConcurrencyLimited,
    ),
    ErrorPayload("address", 429, _refusal(1304, "ip not allowed"), errors.BadCredentials),
    ErrorPayload("fault", 500, _refusal(5000, "server error"), errors.AmbiguousSubmit),
    ErrorPayload("upkeep", 503, _refusal(5001, "server unavailable"), errors.Transient),
    ErrorPayload("timeout", 504, _refusal(5002, "server timeout"), errors.AmbiguousSubmit),
    # The number counts where the status is good.
    ErrorPayload("rate, HTTP 200", 200, _refusal(1302, "too fast"), errors.RateLimited),
    ErrorPayload("slots, HTTP 200", 200, _refusal(1303, "parallel"), errors.ConcurrencyLimited),
    ErrorPayload("pack, HTTP 200", 200, _refusal(1102, "no balance"), errors.Billing),
    ErrorPayload("content, HTTP 200", 200, _refusal(1301, "content"), errors.Moderated),
    ErrorPayload("fault, HTTP 200", 200, _refusal(5000, "error"), errors.AmbiguousSubmit),
    ErrorPayload("a new number, HTTP 200", 200, _refusal(1999, "?"), errors.AmbiguousSubmit),
)
