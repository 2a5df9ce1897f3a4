"""Backends that tell of jobs, each as its own pages say: nothing of the code under test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.domain.webhooks import Scheme

KEY = b"a key that nobody else has"
PATHS = "/webhooks/videos/"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way. Headers are pairs, for one may come twice."""

    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    method: str = "POST"

    def without(self, name: str) -> Letter:
        """The same without a header."""
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0] != name))

    def but(self, name: str, text: str) -> Letter:
        """The same with another text in a header."""
        pairs = ((key, text if key == name else old) for key, old in self.headers)
        return replace(self, headers=tuple(pairs))

    def header(self, name: str) -> str:
        """The text of a header."""
        return dict(self.headers)[name]


@dataclass
class Sender:
    """One backend that tells of jobs of one account."""

    scheme: Scheme
    provider: str = "simulator"
    account: str = "default"
    seal: Ed25519PrivateKey = field(
        default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    )

    @property
    def secret(self) -> str:
        """As the operator sets it."""
        return {
            Scheme.STANDARD: "whsec_" + base64.b64encode(KEY).decode(),
            Scheme.OPENROUTER: KEY.decode(),
            Scheme.FAL: "",
            Scheme.SECRET_PATH: "Zk3-" + "0a1B_" * 8,
        }[self.scheme]

    @property
    def page(self) -> dict[str, object]:
        """The page with the public key."""
        public = base64.urlsafe_b64encode(self.seal.public_key().public_bytes_raw()).decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": public.rstrip("="), "kid": "1"}]}

    @property
    def proofs(self) -> tuple[str, ...]:
        """The headers that prove a message."""
        return {
            Scheme.STANDARD: ("webhook-id", "webhook-timestamp", "webhook-signature"),
            Scheme.OPENROUTER: ("X-OpenRouter-Signature",),
            Scheme.FAL: tuple(
                f"X-Fal-Webhook-{what}"
                for what in ("Request-Id", "User-Id", "Timestamp", "Signature")
            ),
            Scheme.SECRET_PATH: (),
        }[self.scheme]

    def news(self, job: str) -> bytes:
        """The body of a message about the end of a job."""
        body: Mapping[str, object] = {
            Scheme.STANDARD: {"type": "video.completed", "data": {"id": job}},
            Scheme.OPENROUTER: {
                "type": "video.generation.completed",
                "data": {"id": job, "status": "completed"},
            },
            Scheme.FAL: {"request_id": job, "gateway_request_id": job, "status": "OK"},
            Scheme.SECRET_PATH: {"task_id": job, "task_status": "succeed"},
        }[self.scheme]
        return json.dumps(body).encode()

    def letter(self, body: bytes, now: int, name: str = "wh_1") -> Letter:
        """A body, proven at the time `now` (seconds) as the message `name`."""
        path = f"{PATHS}{quote(self.provider)}/{quote(self.account)}"
        stamp = str(now)
        match self.scheme:
            case Scheme.STANDARD:
                digest = hmac.new(KEY, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
                texts = (name, stamp, f"v1,{base64.b64encode(digest).decode()}")
            case Scheme.OPENROUTER:
                mark = hmac.new(KEY, f"{stamp},".encode() + body, hashlib.sha256).hexdigest()
                texts = (f"t={stamp},v1={mark}",)
            case Scheme.FAL:
                lines = (name, "user_1", stamp)
                signed = "\n".join((*lines, hashlib.sha256(body).hexdigest())).encode()
                texts = (*lines, self.seal.sign(signed).hex())
            case Scheme.SECRET_PATH:
                path, texts = f"{path}/{self.secret}", ()
        return Letter(path, tuple(zip(self.proofs, texts, strict=True)), body)
