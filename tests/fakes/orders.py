"""One job as it might be anywhere, for tests of what is said about jobs."""

from dataclasses import replace

from bot.domain.jobs import Job, JobState, Offer
from bot.domain.refs import Person, Place, Tenant
from bot.domain.videos import Size, VideoSpec
from tests.fakes.clock import START as NOW

LATER = NOW + 60_000
TENANT = Tenant("web", "demo")
ANA = Person(TENANT, "ana", "ana")
JOB = Job(
    id="k7qm2x9d4t",
    person=ANA,
    place=Place(TENANT, "studio"),
    interaction="i",
    part=0,
    spec=VideoSpec("a red kite over dunes", "sora-2", Size(1280, 720), 8),
    offer=Offer("simulator", "default", "", "sora-2", 80),
    state=JobState.WAITING,
    version=1,
    accepted_at=NOW,
    updated_at=NOW,
    due_at=NOW,
)
FREE = replace(JOB, offer=replace(JOB.offer, price=0))
PENNY = replace(JOB, offer=replace(JOB.offer, price=1))
