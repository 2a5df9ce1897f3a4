"""What the bot finds wrong when it proves its own books."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.refs import Tenant

_OWNERS = frozenset({"person", "channel", "sponsor"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not add up. `key` names it, so that it is told of once."""

    tenant: Tenant
    key: str
    words: str


def workspace_of(account: str) -> Tenant:
    """Whose an account is: ``person/web/demo/ana``, ``held/channel/web/demo/studio``."""
    _, *names = account.split("/")
    if names and names[0] in _OWNERS:
        names = names[1:]
    platform, tenant = (*names, "", "")[:2]
    return Tenant(platform, tenant)
