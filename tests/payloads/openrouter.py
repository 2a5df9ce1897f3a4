"""What OpenRouter answers, as its documentation, its SDK 1.3.84 and public clients show it.

Read in November 2026; none of it was recorded from a paid account.
"""

from __future__ import annotations

from typing import Any

CREATED: dict[str, Any] = {
    "id": "gen-vid-01",
    "polling_url": "https://openrouter.ai/api/v1/videos/gen-vid-01",
    "status": "pending",
}
RUNNING: dict[str, Any] = {**CREATED, "status": "in_progress"}
COMPLETED: dict[str, Any] = {
    **CREATED,
    "status": "completed",
    "generation_id": "gen-17",
    "unsigned_urls": ["https://openrouter.ai/api/v1/videos/gen-vid-01/content?index=0"],
    "urls": ["https://files.openrouter.example/clip.mp4?sig=abc"],
    "usage": {"cost": 0.825, "is_byok": False},
}
FAILED: dict[str, Any] = {**CREATED, "status": "failed", "error": "The provider gave up."}
BLOCKED: dict[str, Any] = {
    **CREATED,
    "status": "failed",
    "error": "The request was blocked by our safety system.",
}
NO_MONEY: dict[str, Any] = {
    "error": {"code": 402, "message": "Insufficient credits", "metadata": {}}
}
MODELS: dict[str, Any] = {
    "data": [
        {
            "id": "google/veo-3.1-lite",
            "name": "Google: Veo 3.1 Lite",
            "supported_durations": [8, 4, 6],
            "supported_resolutions": ["720p", "1080p"],
            "supported_aspect_ratios": ["16:9", "9:16"],
            "supported_sizes": None,
            "supported_frame_images": ["first_frame", "last_frame"],
            "generate_audio": True,
            "pricing_skus": {
                "duration_seconds_without_audio_720p": "0.03",
                "duration_seconds_with_audio_720p": "0.05",
                "duration_seconds_with_audio_1080p": "0.08",
            },
        },
        {
            "id": "runway/gen-4.5",
            "name": "Runway: Gen-4.5",
            "supported_durations": [5, 10],
            "supported_sizes": ["1280x720", "960x960"],
            "supported_frame_images": None,
            "generate_audio": False,
            "pricing_skus": {"cents_per_second_output": "12"},
        },
        {
            "id": "bytedance/seedance-2",
            "name": "Seedance 2",
            "supported_durations": [5],
            "supported_resolutions": ["720p"],
            "pricing_skus": {"video_tokens": "0.000007"},
        },
        {
            "id": "acme/upscaler",
            "name": "Upscaler",
            "supported_durations": None,
            "supported_resolutions": ["1080p"],
            "pricing_skus": {"duration_seconds": "0.02"},
        },
    ]
}
