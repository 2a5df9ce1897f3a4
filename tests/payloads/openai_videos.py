"""What servers of the OpenAI Videos contract really say, by server. Ids and keys are made up.

Shapes are from the servers' own code or documents: OpenAI's openapi.yaml and live captures of
October 2025, LiteLLM 1.109.1, vLLM-Omni 0.30.0, SGLang 0.5.23, new-api, Azure, OpenRouter, xAI,
LaoZhang, fal (all as of November 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.jobs import JobState

S = JobState


@dataclass(frozen=True)
class JobPayload:
    """A job object, and what it means."""

    label: str
    body: Any
    state: JobState
    progress: int | None = None
    id: str = "video_1"
    link: str | None = None
    cost_micros: int | None = None

    def __str__(self) -> str:
        return self.label


JOBS = (
    # openapi.yaml: VideoResource, every field set
    JobPayload(
        "openai-queued",
        {
            "id": "video_1",
            "object": "video",
            "model": "sora-2",
            "status": "queued",
            "progress": 0,
            "created_at": 1_790_000_000,
            "completed_at": None,
            "expires_at": None,
            "prompt": "a red kite",
            "size": "1280x720",
            "seconds": "8",
            "remixed_from_video_id": None,
            "error": None,
        },
        S.QUEUED,
        0,
    ),
    # live capture: a create's answer has neither prompt nor expiry
    JobPayload(
        "openai-short",
        {
            "id": "video_1",
            "object": "video",
            "created_at": 1_759_758_000,
            "status": "in_progress",
            "model": "sora-2",
            "progress": 33,
            "seconds": "4",
            "size": "720x1280",
        },
        S.RENDERING,
        33,
    ),
    # live capture: the content rules failed the job
    JobPayload(
        "openai-moderated",
        {
            "id": "video_1",
            "object": "video",
            "status": "failed",
            "progress": 0,
            "error": {
                "code": "moderation_blocked",
                "message": "Your request was blocked by our moderation system.",
            },
        },
        S.MODERATED,
        0,
    ),
    # litellm/llms/gemini/videos/transformation.py: the answer to a create
    JobPayload(
        "litellm-created",
        {"id": "video_" + "bGl0ZWxsbQ" * 28 + "==", "object": "video", "status": "processing"},
        S.RENDERING,
        id="video_" + "bGl0ZWxsbQ" * 28 + "==",
    ),
    # litellm: runwayml adapter makes a percentage of 0-1; other back-ends leave a float
    JobPayload(
        "litellm-fraction",
        {
            "id": "video_1",
            "object": "video",
            "status": "in_progress",
            "progress": 0.48,
            "usage": {"duration_seconds": 8.0, "provider_reported_cost_usd": 0.8},
        },
        S.RENDERING,
        48,
        cost_micros=800_000,
    ),
    # litellm: fal adapter
    JobPayload(
        "litellm-fal-error",
        {
            "id": "video_1",
            "object": "video",
            "status": "completed",
            "error": {"code": "fal_error", "message": "worker died"},
        },
        S.FAILED,
    ),
    # vllm-omni: serving_video.py, the code is a number
    JobPayload(
        "vllm-failed",
        {
            "id": "video_1",
            "object": "video",
            "status": "failed",
            "progress": 0,
            "error": {"code": 500, "message": "CUDA out of memory"},
        },
        S.FAILED,
        0,
    ),
    # SGLang, in the protocol module of its OpenAI entry point
    JobPayload(
        "sglang-completed",
        {
            "id": "video_1",
            "object": "video",
            "status": "completed",
            "progress": 100,
            "url": "https://cdn.example/clip.mp4",
            "urls": ["https://cdn.example/clip.mp4"],
            "file_path": "outputs/video_1.mp4",
        },
        S.FETCHING,
        100,
        link="https://cdn.example/clip.mp4",
    ),
    # sglang: a deleted job is still shown
    JobPayload(
        "sglang-deleted",
        {"id": "video_1", "object": "video", "status": "deleted"},
        S.EXPIRED,
    ),
    # new-api: dto/openai_video.go
    JobPayload(
        "new-api-completed",
        {
            "id": "task_a-b_c",
            "task_id": "task_a-b_c",
            "object": "video",
            "status": "completed",
            "progress": 100,
            "metadata": {"url": "https://up.example/v.mp4"},
        },
        S.FETCHING,
        100,
        id="task_a-b_c",
        link="https://up.example/v.mp4",
    ),
    # new-api: the older wrapper, with its task's own percentage as text
    JobPayload(
        "new-api-wrapped",
        {
            "code": "success",
            "message": "",
            "data": {"task_id": "task_9", "status": "NOT_START", "progress": "30%"},
        },
        S.QUEUED,
        30,
        id="task_9",
    ),
    # kling: the request has a number of its own
    JobPayload(
        "kling-created",
        {"code": 0, "request_id": "r-77", "data": {"task_id": "k-1", "status": "submitted"}},
        S.QUEUED,
        id="k-1",
    ),
    # laozhang: docs, GET /v1/videos/{id}
    JobPayload(
        "laozhang-completed",
        {"id": "video_1", "status": "completed", "video_url": "https://files.example/1.mp4"},
        S.FETCHING,
        link="https://files.example/1.mp4",
    ),
    # openrouter: the error is a string
    JobPayload(
        "openrouter-failed",
        {"id": "gen-vid-1", "status": "failed", "error": "Upstream refused"},
        S.FAILED,
        id="gen-vid-1",
    ),
    # openrouter: links that need the key, and the price
    JobPayload(
        "openrouter-completed",
        {
            "id": "gen-vid-1",
            "status": "completed",
            "unsigned_urls": ["https://openrouter.example/api/v1/videos/gen-vid-1/content"],
            "usage": {"cost": 0.35, "is_byok": False},
        },
        S.FETCHING,
        id="gen-vid-1",
        link="https://openrouter.example/api/v1/videos/gen-vid-1/content",
        cost_micros=350_000,
    ),
    # xai: docs, POST /v1/videos/generations
    JobPayload("xai-created", {"request_id": "d97415a1-5796"}, S.QUEUED, id="d97415a1-5796"),
    # xai: the result, filtered, and its price in ticks of 10⁻¹⁰ dollar
    JobPayload(
        "xai-filtered",
        {
            "request_id": "d97415a1-5796",
            "status": "done",
            "respect_moderation": False,
            "usage": {"cost_in_usd_ticks": 5_600_000_000},
        },
        S.MODERATED,
        id="d97415a1-5796",
        cost_micros=560_000,
    ),
    # higgsfield: a status of its own for the content rules
    JobPayload("higgsfield-nsfw", {"request_id": "r-1", "status": "nsfw"}, S.MODERATED, id="r-1"),
    # azure: what the older jobs API called its beginning
    JobPayload("azure-jobs", {"id": "task_1", "status": "preprocessing"}, S.QUEUED, id="task_1"),
    # nobody known: a word nobody has heard yet means that it still runs
    JobPayload("future", {"id": "video_1", "status": "upscaling"}, S.RENDERING),
)
