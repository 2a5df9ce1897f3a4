"""What a link to the file of a video was made for; it leads nowhere once that is over."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.refs import Tenant


@dataclass(frozen=True, slots=True)
class Ticket:
    """A link for everybody in a workspace, as long as the video of a job is published there.

    Without a workspace it is for whoever may watch a draft, as long as there is a video at all.
    """

    job_id: str
    tenant: Tenant | None = None

    def __str__(self) -> str:
        return f"{self.job_id}/{self.tenant.key}" if self.tenant else self.job_id


def ticket_of(text: str) -> Ticket | None:
    """What a ticket said as text; None when it cannot be one."""
    job_id, _, whose = text.partition("/")
    platform, _, tenant = whose.partition("/")
    if not job_id or bool(whose) != bool(platform and tenant):
        return None
    return Ticket(job_id, Tenant(platform, tenant) if whose else None)
