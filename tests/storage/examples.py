"""Jobs, people and videos to store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain import ledger
from bot.domain.jobs import Failure, Job, JobState, Moved, Offer, Operation
from bot.domain.ledger import Account, Kind, Transfer
from bot.domain.order import Lane
from bot.domain.refs import Blob, MessageRef, Person, Place, Tenant
from bot.domain.styles import Style
from bot.domain.videos import Size, Video, VideoSpec

NOW = 1_800_000_000_000
DEMO = Tenant("web", "demo")
OTHER = Tenant("web", "other")
ANA = Person(DEMO, "ana", "Ana")
BEN = Person(DEMO, "ben", "Ben")
EVE = Person(OTHER, "ana", "Eve")
GENERAL = Place(DEMO, "general")
GATE = "simulator/main"
PICTURE = Blob("ab" * 32, ".jpg", 12_345)
NOIR = Style("noir", "black and white, hard light, “rain”", asked=True)


def a_job(job_id: str = "a000000001", person: Person = ANA, **changes: Any) -> Job:  # noqa: ANN401 - any field
    """A job that waits; its request is named after its id."""
    job = Job(
        id=job_id,
        person=person,
        place=Place(person.tenant, "general"),
        interaction=f"request of {job_id}",
        part=0,
        spec=VideoSpec("a red kite over dunes", "sora-2", Size(1280, 720), 8),
        offer=Offer("simulator", "main", "http://127.0.0.1:9", "sora-2-up", 80),
        state=JobState.WAITING,
        version=1,
        accepted_at=NOW,
        updated_at=NOW,
        due_at=NOW,
    )
    return replace(job, **changes)


def a_full_job() -> Job:
    """A job with something in every field."""
    plain = a_job(
        state=JobState.FAILED,
        place=Place(DEMO, "general", "thread 7", private=True),
        version=7,
        updated_at=NOW + 60_000,
        tries=2,
        attempt=3,
        reference={"id": "video_1", "nested": {"numbers": [1, 2.5, None, True]}},
        intent_at=NOW + 1,
        submitted_at=NOW + 2,
        finished_at=NOW + 3,
        progress=99,
        failure=Failure.RENDER_FAILED,
        reason="the backend's own words: “no”",
        retry_of="0000000000",
        cancel_asked=True,
        part=3,
        lane=Lane.RELAXED,
        not_before=NOW + 4,
        off_peak_at=NOW + 5,
        moved=Moved(2, "other/main", 90),
        operation=Operation.FINALIZE,
    )
    return replace(
        plain,
        spec=replace(
            plain.spec,
            image=PICTURE,
            style=NOIR,
            last=Blob("c" * 64, ".png", 3),
            references=(Blob("d" * 64, ".jpg", 4), Blob("e" * 64, ".webp", 5)),
            sound=False,
        ),
    )


def a_video(job_id: str = "a000000001", **changes: Any) -> Video:  # noqa: ANN401 - any field
    """A finished clip with a poster."""
    video = Video(
        job_id,
        Blob("cd" * 32, ".mp4", 2**33),
        PICTURE,
        1280,
        720,
        8_000,
        192,
        NOW,
        simulated=True,
    )
    return replace(video, **changes)


def a_message(number: int = 1) -> MessageRef:
    """A posted message, in a place other than where it was meant to go."""
    return MessageRef(Place(DEMO, "dm-ana", "t", private=True), f"m{number}")


def a_transfer(
    ref: str, source: Account, target: Account, amount: int, job_id: str | None = None
) -> Transfer:
    """Credits from one account to another."""
    return Transfer(ref, Kind.TRANSFER, source, target, amount, "bot", "test:move", NOW, job_id)


def a_grant(person: Person, amount: int, ref: str = "first") -> Transfer:
    """New credits."""
    name = f"{ref}/{person.key}"
    return ledger.grant(name, person, amount, "web/demo/admin", "admin:grant", NOW)
