"""How a simulator behaves; the defaults suit a demonstration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from adapters.providers.simulator.faults import Fault
from bot.domain.webhooks import Scheme

SMALL = ("720x1280", "1280x720")
_TALL = ("1024x1792", "1792x1024")
_FULL = ("1080x1920", "1920x1080")

MODELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sora-2": SMALL,
        "sora-2-2025-10-06": SMALL,
        "sora-2-2025-12-08": SMALL,
        "sora-2-pro": (*SMALL, *_TALL, *_FULL),
        "sora-2-pro-2025-10-06": (*SMALL, *_TALL, *_FULL),
    }
)
"""Models and their sizes as the official guide listed them last (March 2026)."""
SECONDS = ("4", "8", "12", "16", "20")
"""Lengths, from the same guide."""


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """All choices of one simulator. Times are ms.

    `state_dir` keeps jobs and clips over a restart; None forgets everything at the end.
    `token`, when set, must come as Bearer token. `dialect` is a key of `dialects.DIALECTS`.
    `queue_ms` and `render_ms` are how long a job waits and renders at least, `slots` at once.
    `instant` answers each job at once with one shared clip per shape, of one picture a second.
    `vary` gives each new job of the same prompt another picture (four in turn); without it the
    same prompt is the same file. `control` opens the two endpoints under ``/simulator``.
    `poll_after_ms` is sent as ``openai-poll-after-ms``. `webhook_url`, when set, is told of each
    job that ends, in the way of `webhook_scheme`: signed with `webhook_secret`, or with a key of
    fal's kind that is shown at ``/.well-known/jwks.json``; a secret path is a part of the URL.
    `ffmpeg` is its path, looked up if None.
    """

    state_dir: Path | None = None
    token: str | None = None
    dialect: str = "openai"
    models: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MODELS)
    retired_models: frozenset[str] = frozenset()
    seconds: tuple[str, ...] = SECONDS
    queue_ms: int = 1000
    render_ms: int = 4000
    slots: int = 2
    fps: int = 24
    instant: bool = False
    vary: bool = True
    asset_life_ms: int = 3_600_000
    poll_after_ms: int | None = None
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_scheme: Scheme = Scheme.STANDARD
    faults: tuple[Fault, ...] = ()
    control: bool = False
    ffmpeg: str | None = None
