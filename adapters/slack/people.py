"""People: names, rights and groups, as their workspace has them.

Slack has no rights for commands, so we decide: admins and owners of the workspace are admins, and
whoever the operator names.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from adapters.slack.workspaces import Workspace
from bot.domain.refs import Person, Tenant
from bot.errors import ChatError

PERSON_LIFE = 300_000
"""Ms for which what Slack said of somebody is believed."""
MOST_REMEMBERED = 5_000
_ID = re.compile(r"[UW][A-Z0-9]+")

log = logging.getLogger(__name__)
Json = Mapping[str, Any]


class Stranger(Exception):
    """Somebody of another organization, in a channel that both share."""


@dataclass(frozen=True, slots=True)
class _Known:
    at: int
    person: Person
    stranger: bool


class People:
    """`admins` are ids of people and user groups."""

    def __init__(self, admins: frozenset[str], now: Callable[[], int]) -> None:
        self._admins = admins
        self._now = now
        self._known: dict[tuple[str, str], _Known] = {}
        self._groups: dict[str, tuple[int, dict[str, tuple[str, frozenset[str]]]]] = {}

    async def asker(self, workspace: Workspace, user: str, home: str = "") -> Person:
        """Who asked; raises `Stranger` for people of other organizations.

        When Slack cannot be asked, they are believed to be who they were, but an admin only where
        the operator names them. `home` is the workspace that they came from, where Slack said so.
        """
        known = self._known.get((workspace.tenant.id, user))
        if known is None or self._now() - known.at >= PERSON_LIFE:
            known = await self._asked(
                workspace, user, known or self._unknown(workspace, user, home)
            )
        if known.stranger:
            raise Stranger(user)
        return known.person

    def find(self, tenant: Tenant, text: str) -> Person | None:
        """Somebody by id, or a user group as ``role:<id>``; see `bot.commands.values`."""
        kind, _, name = text.rpartition(":")
        if kind == "role":
            return self._group(tenant, name)
        if not _ID.fullmatch(text):
            return None
        known = self._known.get((tenant.id, text))
        return known.person if known else Person(tenant, text, roles=self._roles(tenant, text))

    def _group(self, tenant: Tenant, name: str) -> Person | None:
        _, groups = self._groups.get(tenant.id, (0, {}))
        handle = f"@{groups[name][0]}" if name in groups else name
        return Person(tenant, f"role:{name}", handle) if re.fullmatch(r"S[A-Z0-9]+", name) else None

    async def _asked(self, workspace: Workspace, user: str, before: _Known) -> _Known:
        try:
            told = (await workspace.calls.call("users.info", {"user": user}, form=True))["user"]
        except ChatError as error:
            log.warning("users.info of %s: %s", user, error)
            admin = self._is_named(user, before.person.roles)
            return replace(before, person=replace(before.person, admin=admin))
        groups = await self._groups_of(workspace, user)
        person = self._person(workspace, told, groups)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        known = _Known(self._now(), person, _is_stranger(workspace, told))
        self._known[workspace.tenant.id, user] = known
        return known

    @staticmethod
    def _unknown(workspace: Workspace, user: str, home: str) -> _Known:
        """Somebody of whom only Slack's payload says anything."""
        foreign = bool(home) and home not in {workspace.tenant.id, workspace.enterprise}
        return _Known(0, Person(workspace.tenant, user), foreign)

    def _person(self, workspace: Workspace, told: Json, groups: tuple[str, ...]) -> Person:
        user = str(told["id"])
        profile: Json = told.get("profile") or {}
        name = profile.get("display_name") or told.get("real_name") or told.get("name") or ""
        manages = any(told.get(right) for right in ("is_admin", "is_owner", "is_primary_owner"))
        admin = manages or self._is_named(user, groups)
        return Person(workspace.tenant, user, str(name), admin, groups, bool(told.get("is_bot")))

    def _is_named(self, user: str, groups: tuple[str, ...]) -> bool:
        """Whether the operator has them for an admin."""
        return not self._admins.isdisjoint((user, *groups))

    async def _groups_of(self, workspace: Workspace, user: str) -> tuple[str, ...]:
        at, groups = self._groups.get(workspace.tenant.id, (0, {}))
        if self._now() - at >= PERSON_LIFE:
            found = await self._all_groups(workspace)
            kept = groups if found is None else found
            self._groups[workspace.tenant.id] = (self._now(), kept)
        return self._roles(workspace.tenant, user)

    def _roles(self, tenant: Tenant, user: str) -> tuple[str, ...]:
        """Somebody's user groups, as far as they are known."""
        _, groups = self._groups.get(tenant.id, (0, {}))
        return tuple(name for name, (_, members) in groups.items() if user in members)

    async def _all_groups(
        self, workspace: Workspace
    ) -> dict[str, tuple[str, frozenset[str]]] | None:
        """Handle and members of each group, by id; None where Slack does not say."""
        try:
            told = await workspace.calls.call(
                "usergroups.list", {"include_users": "true"}, form=True
            )
        except ChatError as error:
            log.info("user groups of %s: %s", workspace.tenant.id, error)
            return None
        groups: list[Json] = list(told.get("usergroups") or ())
        return {
            str(group["id"]): (str(group.get("handle", "")), frozenset(group.get("users") or ()))
            for group in groups
        }


def _is_stranger(workspace: Workspace, told: Json) -> bool:
    """Whether somebody is of another organization. Within one, people have several workspaces."""
    home = str(told.get("team_id") or workspace.tenant.id)
    enterprise: Json = told.get("enterprise_user") or {}
    same_house = (
        bool(workspace.enterprise) and enterprise.get("enterprise_id") == workspace.enterprise
    )
    return home not in {workspace.tenant.id, workspace.enterprise} and not same_house
