"""What one provider's task API is: requests out of our wishes, and jobs out of its answers. Pure.

A wire module tells nothing of connections, keys or retries: that is the client's, the same for all.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import quote

from adapters.providers.guard import Origin
from adapters.providers.judging import Judge
from adapters.providers.refusals import Json, Kind, Refusal, tidy
from adapters.providers.values import usable_id
from bot.domain.jobs import JobState, Reference
from bot.domain.videos import Size
from bot.errors import JobNotFound, Unsupported
from bot.ports import Capabilities, RemoteJob, SubmitRequest


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. `path` is below the base URL and percent-encoded.

    The rest does not show: the address to tell at may be in it, which may hold a secret. `file` is
    a JPEG, the ``file`` of a form.
    """

    method: str
    path: str
    json: object = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    params: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    file: bytes | None = field(default=None, repr=False)

    @property
    def parts(self) -> dict[str, Any]:
        """All that `Http.ask` is told besides method and address."""
        form = [("file", ("picture.jpg", self.file, "image/jpeg"))] if self.file else None
        # No parameters at all would take away those that stand in the path.
        return {
            "json": self.json,
            "headers": self.headers,
            "params": self.params or None,
            "files": form,
        }


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture is at the provider: what a create calls it.

    Where it did not go along with the question, its bytes are put at `put` with these `headers`.
    """

    link: str
    put: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says of a job. `created_at` in ms, `cost_micros` in USD·10⁻⁶.

    `refusal` is why it failed, where it did, and `charged` whether that is billed, where the
    provider has a rule for it. `links` lead to its file, the best first, `content` to a route of
    the API below the base URL; `inline` is the file itself, in base64. `more` is what must be asked
    to know these.
    """

    state: JobState
    progress: int | None = None
    refusal: Refusal = field(default_factory=Refusal)
    links: tuple[str, ...] = ()
    content: str = ""
    inline: str = ""
    cost_micros: int | None = None
    created_at: int | None = None
    more: Ask | None = None
    charged: bool | None = None

    def job(self, reference: Reference, judge: Judge) -> RemoteJob:
        """The same in the words of the port; the key does not show in it."""
        words = tidy(self.refusal.message, judge.secret)
        state, error = judge.ended(self.state, replace(self.refusal, message=words))
        return RemoteJob(
            reference,
            state,
            self.progress,
            error,
            created_at=self.created_at,
            cost_micros=self.cost_micros,
            charged=self.charged,
        )


@dataclass(frozen=True, slots=True)
class Pictures:
    """What a video is made from besides words, each a JPEG: its frames, and what is seen in it.

    `links` has where the provider keeps those that were brought to it before.
    """

    first: bytes | None = None
    last: bytes | None = None
    references: tuple[bytes, ...] = ()
    links: Mapping[bytes, str] = field(default_factory=dict[bytes, str], repr=False)

    @property
    def all(self) -> tuple[bytes, ...]:
        """Each of them once."""
        frames = [one for one in (self.first, self.last) if one is not None]
        return tuple(dict.fromkeys([*frames, *self.references]))

    def said(self, image: bytes) -> str:
        """How a request names a picture: by its link, or all of it as a data URL."""
        return self.links.get(image) or data_url(image)


class Wire:
    """The base of all wires. What is not overridden, the provider lacks.

    `url` is where its API is; a key goes into `header` after `prefix`. `kinds` are its own names of
    failures, in lower case, or statuses. `key_origins` are hosts besides its own that need the
    key. `asks_parent`: a remix or an extension needs what only a finished job's answer says.
    `uploads`: pictures must be there before a create can name them by a link.
    """

    name: ClassVar[str]
    url: ClassVar[str]
    header: ClassVar[str] = "Authorization"
    prefix: ClassVar[str] = "Bearer "
    headers: ClassVar[Mapping[str, str]] = {}
    key_origins: ClassVar[frozenset[Origin]] = frozenset()
    kinds: ClassVar[Mapping[str, Kind]] = {}
    capabilities: ClassVar[Capabilities] = Capabilities()
    asks_parent: ClassVar[bool] = False
    uploads: ClassVar[bool] = False

    # --- making jobs ----------------------------------------------------------------------

    def create(self, wish: SubmitRequest, pictures: Pictures) -> Ask:
        """The request for one job.

        It says `wish.webhook_url` and `wish.name` where the provider has a place for them. Raises
        `Unsupported` for what this model, unlike others there, has no place for.
        """
        raise NotImplementedError

    def upload(self, image: bytes) -> Ask:
        """The request that brings one picture there, or asks where to bring it."""
        raise NotImplementedError

    def uploaded(self, data: Json) -> Place | None:
        """Where the picture is, or belongs; None when the answer does not say."""
        raise NotImplementedError

    def source(self, data: Json, parent: Reference) -> Reference:
        """The parent with what the answer to its `question` adds, for the two that follow.

        It is stored nowhere: there may be a signed link in it. Raises `AssetExpired` when the
        answer lacks what they need.
        """
        raise NotImplementedError

    def remix(self, parent: Reference, prompt: str, webhook_url: str = "") -> Ask:
        """The request for a job that changes a finished one."""
        raise Unsupported(f"{self.name} has no remix")

    def extend(self, parent: Reference, prompt: str, seconds: int, webhook_url: str = "") -> Ask:
        """The request for a job that is a finished one and `seconds` more.

        Raises `Unsupported` for a length that it cannot add.
        """
        raise Unsupported(f"{self.name} has no extend")

    def made(self, data: Json, sent: Ask) -> Reference | None:
        """How the new job is called in later requests; None when the answer names none.

        It is stored: all that later requests need is in it, under ``id`` the provider's own name,
        and nothing of `wish.webhook_url`.
        """
        name = usable_id(data.get("id"))
        return {"id": name} if name else None

    # --- asking ---------------------------------------------------------------------------

    def question(self, reference: Reference) -> Ask:
        """How a job is asked about."""
        raise NotImplementedError

    def told(self, data: Json, reference: Reference) -> Told | None:
        """What the answer to `question` says; None when it tells of no job."""
        raise NotImplementedError

    def result(self, status: int, data: Json, told: Told) -> Told | None:
        """What the answer to `Told.more` adds; None when it says nothing of the job."""
        raise NotImplementedError

    def finding(self, name: str) -> tuple[Ask, ...]:
        """How a job is asked for by our name of its create; each may be the right question."""
        raise Unsupported(f"{self.name} finds nothing by our names")

    def found(self, data: Json, name: str, sent: Ask) -> Reference | None:
        """What `made` would have said; None when the answer tells of no job of that name."""
        raise NotImplementedError

    def models(self) -> Ask:
        """How the provider is asked what it sells."""
        raise Unsupported(f"{self.name} has no list of models")

    # --- ending ---------------------------------------------------------------------------

    def cancel(self, reference: Reference) -> Ask:
        """How a job is stopped that has not finished."""
        raise Unsupported(f"{self.name} has no cancel")

    def delete(self, reference: Reference) -> Ask:
        """How a job and its files are removed."""
        raise Unsupported(f"{self.name} has no delete")


# --- what several wires need ------------------------------------------------------------------


def id_of(reference: Reference) -> str:
    """The provider's name of a job, for a path; raises `JobNotFound` when it was never one."""
    name = usable_id(reference.get("id"))
    if name is None:
        raise JobNotFound("the job has no usable id")
    return quote(name, safe="")


def word_of(reference: Reference, name: str) -> str:
    """Another word that `Wire.made` kept in a reference; "" when it is not there."""
    value = reference.get(name)
    return value if isinstance(value, str) else ""


def data_url(image: bytes) -> str:
    """A JPEG inside JSON."""
    return "data:image/jpeg;base64," + base64.b64encode(image).decode()


def bare(image: bytes) -> str:
    """A picture in base64 without a head."""
    return base64.b64encode(image).decode()


def check_pair(pictures: Pictures) -> None:
    """Raises `Unsupported` for a last frame alone."""
    if pictures.last and not pictures.first:
        raise Unsupported("this backend takes a last frame beside a first one only")


def check_apart(pictures: Pictures) -> None:
    """Raises `Unsupported` for frames and references at once."""
    if pictures.references and (pictures.first or pictures.last):
        raise Unsupported("this backend takes frames or references, not both")


_RATIOS = ((16, 9), (9, 16), (1, 1), (4, 3), (3, 4), (21, 9), (9, 21), (3, 2), (2, 3))


_LINES = (
    (2000, "4K"),
    (1300, "1440p"),
    (1000, "1080p"),
    (650, "720p"),
    (500, "540p"),
    (420, "480p"),
    (0, "360p"),
)


def ratio_of(size: Size) -> str:
    """The nearest of the usual aspect ratios: ``16:9``."""
    wide = size.width / size.height
    best = min(_RATIOS, key=lambda one: abs(one[0] / one[1] - wide))
    return f"{best[0]}:{best[1]}"


def lines_of(size: Size) -> str:
    """What people call the resolution: ``720p``, by the shorter side; ``4K`` above 2000."""
    short = min(size.width, size.height)
    return next(name for least, name in _LINES if short >= least)


def dropped(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields without those that are None."""
    return {name: value for name, value in fields.items() if value is not None}
