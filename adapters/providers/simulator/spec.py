"""What one simulated clip shows, as it is handed to the renderer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class RenderSpec:
    """One clip.

    `prompts` is the chain from the first video to this remix: the first shapes the ground, the
    later ones change the colours. `captions` are (second it appears at, text). `take` tells apart
    several clips of the same prompt. `image` is the path of a picture of exactly the clip's size;
    the clip begins with it.
    """

    prompts: tuple[str, ...]
    captions: tuple[tuple[int, str], ...]
    width: int
    height: int
    seconds: int
    fps: int
    take: int = 0
    image: str | None = None

    @property
    def frames(self) -> int:
        """Number of pictures."""
        return self.seconds * self.fps

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    @property
    def key(self) -> str:
        """A name that two specs share only when they show the same."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def longer(self, prompt: str, more: int) -> RenderSpec:
        """The same pictures again, and then `more` seconds of `prompt`."""
        captions = (*self.captions, (self.seconds, prompt))
        return replace(self, captions=captions, seconds=self.seconds + more)

    def to_json(self) -> str:
        """For `from_json`."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> RenderSpec:
        """The spec that `to_json` wrote; raises `KeyError`, `TypeError` or `ValueError`."""
        fields: dict[str, Any] = json.loads(text)
        fields["prompts"] = tuple(fields["prompts"])
        fields["captions"] = tuple((at, words) for at, words in fields["captions"])
        return cls(**fields)
