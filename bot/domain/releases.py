"""How a finished video stands before others: a draft, with a reviewer, published, or taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.jobs import Job
from bot.domain.lineage import own_words
from bot.domain.quotas import for_role
from bot.domain.refs import Person

MAX_TITLE = 80
"""Characters of a title."""
MAX_DESCRIPTION = 500
"""Characters of a description."""
MAX_TAGS = 8
"""Tags of one video."""
MAX_TAG = 24
"""Characters of one tag."""
RESTORABLE = 30 * 24 * 3_600_000
"""Ms for which a deleted video can be brought back."""


class Stand(StrEnum):
    """Where a video stands."""

    DRAFT = "draft"
    """Its author, reviewers and admins watch it; nobody else."""
    REVIEW = "review"
    """A draft that waits for a reviewer, or that one has claimed."""
    REJECTED = "rejected"
    """A draft that a reviewer gave back with a reason."""
    PUBLISHED = "published"
    """Everybody in its workspace may watch it."""
    DELETED = "deleted"
    """Gone from all chats; it can be restored for a while."""
    ERASED = "erased"
    """Nothing is left but what its remixes and the ledger refer to."""


S = Stand
HIDDEN = frozenset({S.DRAFT, S.REVIEW, S.REJECTED})
"""Kinds of draft."""
GONE = frozenset({S.DELETED, S.ERASED})
MOVES: Mapping[Stand, frozenset[Stand]] = {
    S.DRAFT: frozenset({S.REVIEW, S.PUBLISHED, S.DELETED}),
    S.REVIEW: frozenset({S.PUBLISHED, S.REJECTED, S.DRAFT, S.DELETED}),
    S.REJECTED: frozenset({S.REVIEW, S.PUBLISHED, S.DELETED}),
    S.PUBLISHED: frozenset({S.DRAFT, S.REJECTED, S.DELETED}),
    S.DELETED: frozenset({S.DRAFT, S.ERASED}),
    S.ERASED: frozenset(),
}
"""Every possible move. Storage refuses any other."""


class DraftPolicy(StrEnum):
    """Which videos begin as drafts."""

    OFF = "off"
    REMIXES = "remixes"
    ALL = "all"


class Remixers(StrEnum):
    """Who may change a video that is published."""

    EVERYONE = "everyone"
    """Also people of other workspaces in which it is published."""
    TEAM = "team"
    """People of its own workspace."""
    ASK = "ask"
    """Whoever its author says yes to, each time."""
    NOBODY = "nobody"
    """Only its author."""


@dataclass(frozen=True, slots=True)
class House:
    """What holds for the videos of a channel.

    `reviewed`: somebody other than the author has to agree before a draft is published.
    `reviewers` are subjects as `quotas.Rule` has them: ids of people, and ``role:<id>``.
    """

    drafts: DraftPolicy = DraftPolicy.OFF
    reviewed: bool = False
    reviewers: Collection[str] = ()
    remixers: Remixers | None = None
    """Who may change the videos of people who chose nothing; None: everyone."""


@dataclass(frozen=True, slots=True)
class Release:
    """How the video of a job stands. Times are ms since the epoch.

    `version` grows with every change and fences out whoever holds an older view. `key` names the
    message in the outbox that shows it to everybody. `moderated`: a moderator took it down, or its
    author is watched, so that it goes through review before it is published. `rounds`: how often it
    was under review.
    """

    job_id: str
    author: Person
    channel: str
    model: str
    stand: Stand
    made_at: int
    key: str
    version: int = 1
    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    remixers: Remixers | None = None
    """None: what its author chose for all of theirs."""
    published_at: int | None = None
    deleted_at: int | None = None
    reviewer: Person | None = None
    """Who claimed it, or decided on it last."""
    reason: str = ""
    """Why it was rejected or taken down."""
    moderated: bool = False
    rounds: int = 0

    @property
    def claimed(self) -> bool:
        """Whether a reviewer is at it."""
        return self.stand is S.REVIEW and self.reviewer is not None


def begun(job: Job, house: House, key: str, now: int, *, watched: bool = False) -> Release:
    """How the video of a job begins. Nothing else decides on this.

    What was asked for in private is a draft; the others are as the policy of their channel says.
    All of those whose author is `watched` are drafts that a reviewer has to publish.
    """
    policy = house.drafts
    drafts = policy is DraftPolicy.ALL or (policy is DraftPolicy.REMIXES and job.remix_of)
    hidden = job.place.private or drafts or watched
    return Release(
        job.id,
        job.person,
        job.place.channel,
        job.spec.model,
        S.DRAFT if hidden else S.PUBLISHED,
        now,
        key,
        published_at=None if hidden else now,
        moderated=watched,
    )


def can_move(old: Stand, new: Stand) -> bool:
    """Whether a video may go from `old` to `new`; staying is always allowed."""
    return new is old or new in MOVES[old]


def is_reviewer(person: Person, house: House) -> bool:
    """Whether somebody decides on the drafts of others; admins do."""
    named = {person.id, *map(for_role, person.roles)}
    return person.admin or not named.isdisjoint(house.reviewers)


def may_review(person: Person, release: Release, house: House) -> bool:
    """Whether somebody may decide on this draft: no author decides on their own."""
    return person.id != release.author.id and is_reviewer(person, house)


def may_watch(person: Person, release: Release, house: House) -> bool:
    """Whether somebody may see the video itself."""
    if release.stand in GONE:
        return False
    if release.stand is S.PUBLISHED or person.id == release.author.id:
        return True
    return is_reviewer(person, house)


def needs_review(release: Release, house: House) -> bool:
    """Whether a draft may only be published by a reviewer."""
    return house.reviewed or release.moderated


class Check(StrEnum):
    """What is looked at before a video is published."""

    PREVIEWED = "previewed"
    """Its author got it."""
    PERMITTED = "permitted"
    """Whoever made the video that it changes lets others do that."""
    DIFFERENT = "different"
    """It is not asked for in the words of the video that it changes."""


def checklist(
    job: Job, parent: Job | None, of_parent: Remixers, *, previewed: bool
) -> Mapping[Check, bool]:
    """Which of the conditions hold for publishing the video of `job`.

    `of_parent`: who may change the video that it changes.
    """
    checks = {Check.PREVIEWED: previewed}
    if parent is None:
        return checks
    closed = of_parent is Remixers.NOBODY
    same = _plain(own_words(parent)) == _plain(own_words(job))
    return checks | {
        Check.PERMITTED: parent.person.id == job.person.id or not closed,
        Check.DIFFERENT: not same or parent.spec.model != job.spec.model,
    }


def _plain(prompt: str) -> str:
    return " ".join(prompt.casefold().split())


def tags_of(text: str) -> tuple[str, ...]:
    """Words that may be typed with #, commas or spaces between them; each once, in order."""
    words = (word.strip("#").lower() for word in text.replace(",", " ").split())
    return tuple(dict.fromkeys(word for word in words if word))
