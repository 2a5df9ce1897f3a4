"""Drafts, review and publishing: how finished videos come before others, and go again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot import wording
from bot.domain import releases as rules
from bot.domain.jobs import Job
from bot.domain.notices import ReviewAsked, Reviewed
from bot.domain.refs import Person, Place, alone
from bot.domain.releases import GONE, HIDDEN, Check, Release, Remixers, Stand
from bot.errors import (
    CannotPost,
    InvalidInput,
    NotHere,
    TooLate,
    UnknownThing,
    Withheld,
    WrongStand,
)
from bot.ports import Unit
from bot.services.across import touch_elsewhere, withdraw_everywhere
from bot.services.blocks import refuse_blocked
from bot.services.comparisons import COMPARE
from bot.services.moves import card_key, result_key, touch_banner
from bot.services.notices import Notices
from bot.services.orders import Desk
from bot.services.origins import tell_authors
from bot.services.permits import remixers_of
from bot.services.showing import release_key
from bot.services.trees import TREE
from bot.services.videos import seen_by

S = Stand
LISTED = 50
"""Drafts in a list."""


class Came(StrEnum):
    """What became of a wish to publish."""

    PUBLISHED = "published"
    SENT = "sent"
    """To the reviewers."""
    EDITED = "edited"
    """It was published before, and tells something else now."""
    MOVED = "moved"
    """It was published before, and stands in one more channel now."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is told with a published video; None: as before."""

    title: str | None = None
    description: str | None = None
    tags: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A video with how it stands."""

    job: Job
    release: Release


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one of several."""

    draft: Draft
    came: Came


class Releases:
    """One transaction for each change; whoever holds an older view of a video changes nothing."""

    def __init__(self, desk: Desk, notices: Notices) -> None:
        self._desk = desk
        self._store = desk.store
        self._clock = desk.clock
        self._workspaces = desk.workspaces
        self._notices = notices

    # --- looking --------------------------------------------------------------------------

    async def drafts(self, person: Person) -> tuple[Draft, ...]:
        """A person's own videos that are not published, the newest first."""
        async with self._store.reading() as tx:
            found = await tx.releases.list(person.tenant, HIDDEN, person.id, LISTED)
            return tuple([await self._draft(tx, one) for one in found])

    async def deleted(self, person: Person) -> tuple[Draft, ...]:
        """A person's own videos that can still be restored, the newest first."""
        async with self._store.reading() as tx:
            found = await tx.releases.list(person.tenant, [S.DELETED], person.id, LISTED)
            return tuple([await self._draft(tx, one) for one in found])

    async def waiting(self, person: Person) -> tuple[Draft, ...]:
        """What waits for reviewers, the newest first; raises `Withheld` for who is none."""
        async with self._store.reading() as tx:
            found = await tx.releases.list(person.tenant, [S.REVIEW], None, LISTED)
            whole = await self._workspaces.house(tx, person.tenant, "")
            if not rules.is_reviewer(person, whole):
                raise Withheld("reviewer", "")
            return tuple([await self._draft(tx, one) for one in found])

    async def look(self, person: Person, typed: str) -> Draft:
        """One video of the person's own."""
        async with self._store.reading() as tx:
            return await self._own(tx, person, typed)

    async def checked(self, person: Person, typed: str) -> tuple[Draft, Mapping[Check, bool]]:
        """A video of one's own, and what is looked at before it is published."""
        async with self._store.reading() as tx:
            draft = await self._own(tx, person, typed)
            posted = await tx.outbox.get(result_key(draft.job.id))
            parent = await tx.jobs.get(draft.job.remix_of) if draft.job.remix_of else None
            remixers = await self._remixers_of(tx, parent)
        seen = posted is not None and posted.ref is not None
        return draft, rules.checklist(draft.job, parent, remixers, previewed=seen)

    async def _remixers_of(self, tx: Unit, job: Job | None) -> Remixers:
        return await remixers_of(tx, self._workspaces, job) if job else Remixers.EVERYONE

    async def remixers(self, person: Person, typed: str) -> tuple[Job, Remixers]:
        """Who may change a video, besides its author."""
        async with self._store.reading() as tx:
            job = await seen_by(tx, self._workspaces, person, typed)
            return job, await self._remixers_of(tx, job)

    # --- the author -----------------------------------------------------------------------

    async def publish(
        self, person: Person, place: Place, typed: str, words: Words, interaction: str
    ) -> Published:
        """Publish a draft of one's own in a channel, or send it to the reviewers first.

        In a private `place`: in the channel that it was asked for in. One that is published already
        gets new words, and a message in this channel if it has none.
        """
        changes = told(words)
        if place.private:
            place = await self._home(person, typed)
        problems = await self._desk.preflight(place)
        if problems:
            raise CannotPost(problems)
        async with self._store.transaction() as tx:
            draft = await self._own(tx, person, typed)
            await refuse_blocked(tx, person)
            came = await self._publish(tx, draft, place, changes, interaction)
        self._desk.told(draft.job)
        return came

    async def _home(self, person: Person, typed: str) -> Place:
        draft = await self.look(person, typed)
        if draft.job.place.private and draft.release.stand is not S.PUBLISHED:
            raise NotHere("publish")
        return Place(person.tenant, draft.release.channel)

    async def _publish(
        self, tx: Unit, draft: Draft, place: Place, changes: dict[str, object], interaction: str
    ) -> Published:
        release = draft.release
        if release.stand is S.PUBLISHED:
            return await self._edit(tx, draft, place, changes, interaction)
        if release.stand not in HIDDEN:
            raise WrongStand("publish", release.stand)
        if release.stand is S.REVIEW:
            raise Withheld("review", release.job_id)
        new = replace(release, channel=place.channel, **changes)
        # Neither the channel that it was made for is got round, nor the one that it goes to.
        if await self._needs_review(tx, release) or await self._needs_review(tx, new):
            sent = replace(new, stand=S.REVIEW, reviewer=None, rounds=release.rounds + 1)
            sent = await self._put(tx, draft, sent)
            await self._ask(tx, sent)
            return Published(sent, Came.SENT)
        return Published(await self._show(tx, draft, new), Came.PUBLISHED)

    async def _needs_review(self, tx: Unit, release: Release) -> bool:
        house = await self._workspaces.house(tx, release.author.tenant, release.channel)
        return rules.needs_review(release, house)

    async def _edit(
        self, tx: Unit, draft: Draft, place: Place, changes: dict[str, object], interaction: str
    ) -> Published:
        edited = await self._put(tx, draft, replace(draft.release, **changes))
        key, now = draft.release.key, self._clock.now()
        if place.channel == draft.release.channel or place.private:
            await tx.outbox.touch(key, draft.job.id, draft.job.place, now)
            await touch_elsewhere(tx, draft.job, now)
            return Published(edited, Came.EDITED)
        house = await self._workspaces.house(tx, place.tenant, place.channel)
        if rules.needs_review(draft.release, house) and not draft.release.reviewer:
            raise Withheld("elsewhere", draft.job.id)
        again = f"show/{place.tenant.key}/{interaction}"
        await tx.outbox.touch(again, draft.job.id, replace(place, thread=None), now)
        return Published(edited, Came.MOVED)

    async def _show(self, tx: Unit, draft: Draft, new: Release) -> Draft:
        """Publish: the message goes to the channel in the transaction that says so."""
        now, job = self._clock.now(), draft.job
        key = release_key(job.id, draft.release.version + 1)
        shown = replace(
            new, stand=S.PUBLISHED, key=key, published_at=now, deleted_at=None, moderated=False
        )
        published = await self._put(tx, draft, shown)
        place = Place(job.person.tenant, new.channel)
        await tx.outbox.touch(key, job.id, place, now)
        await touch_banner(tx, replace(job, place=place), now)
        await tell_authors(tx, job, now)
        return published

    async def choose_remixers(self, person: Person, typed: str, remixers: Remixers) -> Draft:
        """Choose who may change a video of one's own."""
        async with self._store.transaction() as tx:
            draft = await self._own(tx, person, typed)
            # Whom they let before is chosen anew, too.
            await tx.permits.forget(draft.job.id)
            return await self._put(tx, draft, replace(draft.release, remixers=remixers))

    async def unpublish(self, person: Person, typed: str) -> Draft:
        """Take a video back from all chats; it is a draft again."""
        async with self._store.transaction() as tx:
            draft = await self._own(tx, person, typed, admins=True)
            if draft.release.stand is not S.PUBLISHED:
                raise WrongStand("unpublish", draft.release.stand)
            draft = await self._put(tx, draft, replace(draft.release, stand=S.DRAFT))
            await self._take_back(tx, draft)
        self._desk.told(draft.job)
        return draft

    async def delete(self, person: Person, typed: str) -> Draft:
        """Take a video back from all chats, and forget it after a while."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            draft = await self._own(tx, person, typed, admins=True)
            if draft.release.stand in GONE:
                raise WrongStand("delete", draft.release.stand)
            gone = replace(draft.release, stand=S.DELETED, deleted_at=now, reviewer=None)
            draft = await self._put(tx, draft, gone)
            await self._take_back(tx, draft, words=True)
        self._desk.told(draft.job)
        return draft

    async def restore(self, person: Person, typed: str) -> Draft:
        """Have a deleted video back, as a draft."""
        async with self._store.transaction() as tx:
            draft = await self._own(tx, person, typed, admins=True)
            if draft.release.stand is not S.DELETED:
                raise WrongStand("restore", draft.release.stand)
            if self._clock.now() - (draft.release.deleted_at or 0) >= rules.RESTORABLE:
                raise UnknownThing("job", typed)
            back = replace(draft.release, stand=S.DRAFT, deleted_at=None)
            draft = await self._put(tx, draft, back)
            key, now = card_key(draft.job.id), self._clock.now()
            await tx.outbox.touch(key, draft.job.id, draft.job.place, now, anew=True)
        self._desk.told(draft.job)
        return draft

    # --- the reviewers --------------------------------------------------------------------

    async def claim(self, person: Person, typed: str, *, shown: bool) -> Draft:
        """Be the one who decides on a draft; raises `Withheld` when somebody else is.

        The video goes to the reviewer in private, unless the answer itself has it (`shown`).
        """
        async with self._store.transaction() as tx:
            draft = await self._reviewable(tx, person, typed)
            if draft.release.reviewer == person:
                return draft
            claimed = await self._put(tx, draft, replace(draft.release, reviewer=person))
            await self._notices.changed(tx, _notice(claimed.release))
            if not shown:
                key = f"show/review/{claimed.release.job_id}/{claimed.release.version}"
                await tx.outbox.touch(key, draft.job.id, alone(person), self._clock.now())
        self._desk.told(draft.job)
        return claimed

    async def approve(self, person: Person, typed: str) -> Draft:
        """Publish a draft of somebody else."""
        async with self._store.transaction() as tx:
            draft = await self._reviewable(tx, person, typed)
            new = replace(draft.release, reviewer=person, reason="")
            draft = await self._show(tx, draft, new)
            await self._tell(tx, draft)
        self._desk.told(draft.job)
        return draft

    async def reject(self, person: Person, typed: str, reason: str) -> Draft:
        """Give a draft of somebody else back, with a reason."""
        async with self._store.transaction() as tx:
            draft = await self._reviewable(tx, person, typed)
            new = replace(draft.release, stand=S.REJECTED, reviewer=person, reason=reason)
            draft = await self._put(tx, draft, new)
            await self._tell(tx, draft)
        self._desk.told(draft.job)
        return draft

    async def _reviewable(self, tx: Unit, person: Person, typed: str) -> Draft:
        """A draft that this person may decide on now; else raises `Withheld` and says why not."""
        draft = await self._draft_of(tx, await seen_by(tx, self._workspaces, person, typed))
        release = draft.release
        house = await self._workspaces.house(tx, person.tenant, release.channel)
        if not rules.is_reviewer(person, house):
            raise Withheld("reviewer", release.job_id)
        if release.author.id == person.id:
            raise Withheld("own", release.job_id)
        if release.stand is not S.REVIEW:
            by = release.reviewer
            raise Withheld("decided", release.job_id, wording.called(by) if by else "")
        if release.reviewer and release.reviewer != person:
            raise Withheld("claimed", release.job_id, wording.called(release.reviewer))
        return draft

    async def _ask(self, tx: Unit, draft: Draft) -> None:
        """Tell the reviewers that something waits for them."""
        release = draft.release
        news = ReviewAsked(release.job_id, release.rounds)
        await self._notices.post(tx, release.author.tenant, _notice(release), news)

    async def _tell(self, tx: Unit, draft: Draft) -> None:
        """Tell the author what was decided."""
        release = draft.release
        person, name = release.author, f"reviewed/{release.job_id}/{release.rounds}"
        news = Reviewed(release.job_id, release.rounds)
        await self._notices.post(tx, person.tenant, name, news, alone(person))
        await self._notices.changed(tx, _notice(release))

    async def take_down(self, tx: Unit, job: Job, admin: Person, reason: str) -> None:
        """An admin takes a video out of all chats; a reviewer has to agree before it comes back."""
        release = (draft := await self._draft_of(tx, job)).release
        if release.stand is S.ERASED:
            return
        shown = release.stand in {S.PUBLISHED, S.REVIEW}
        new = replace(
            release,
            stand=S.REJECTED if shown else release.stand,
            reviewer=admin,
            reason=reason,
            moderated=True,
        )
        await self._take_back(tx, await self._put(tx, draft, new))

    # --- all of them ----------------------------------------------------------------------

    async def _own(self, tx: Unit, person: Person, typed: str, *, admins: bool = False) -> Draft:
        draft = await self._draft_of(tx, await seen_by(tx, self._workspaces, person, typed))
        if draft.release.author.id != person.id and not (admins and person.admin):
            raise Withheld("others", draft.job.id)
        return draft

    async def _draft_of(self, tx: Unit, job: Job) -> Draft:
        release = await tx.releases.get(job.id)
        if release is None:
            raise TooLate("show", job.state)
        return Draft(job, release)

    async def _draft(self, tx: Unit, release: Release) -> Draft:
        job = await tx.jobs.get(release.job_id)
        if job is None:
            raise UnknownThing("job", release.job_id)
        return Draft(job, release)

    async def _put(self, tx: Unit, draft: Draft, new: Release) -> Draft:
        changed = await tx.releases.change(draft.release, new)
        if changed is None:
            raise WrongStand("publish", draft.release.stand)
        await tx.outbox.touch(
            card_key(draft.job.id), draft.job.id, draft.job.place, self._clock.now()
        )
        return replace(draft, release=changed)

    async def _take_back(self, tx: Unit, draft: Draft, *, words: bool = False) -> None:
        """Every message with the video goes, wherever it stands; with `words`, its card, too."""
        now, job = self._clock.now(), draft.job
        await withdraw_everywhere(tx, job, now)
        found = [one for one in await tx.outbox.of_job(job.id) if words or one.shows_video]
        for key in [*(one.key for one in found), *await _pictured(tx, job)]:
            await tx.outbox.take_back(key, now)
        await touch_banner(tx, draft.job, now)


async def _pictured(tx: Unit, job: Job) -> tuple[str, ...]:
    """Messages about others of its family, or order, that have a still of it, too."""
    of_root = await tx.outbox.of_job(job.root or job.id)
    first = (await tx.jobs.by_interaction(job.person.tenant, job.interaction))[0]
    trees = [one.key for one in of_root if one.key.startswith(TREE)]
    return (*trees, f"{COMPARE}{first.id}")


def _notice(release: Release) -> str:
    """One for each time that a draft is sent to the reviewers."""
    return f"review/{release.job_id}/{release.rounds}"


def told(words: Words) -> dict[str, object]:
    """The words as they are kept; raises `InvalidInput`."""
    changes: dict[str, object] = {}
    if words.title is not None:
        changes["title"] = _short("title", words.title, rules.MAX_TITLE)
    if words.description is not None:
        changes["description"] = _short("description", words.description, rules.MAX_DESCRIPTION)
    if words.tags is not None:
        changes["tags"] = _tags(words.tags)
    return changes


def _short(name: str, text: str, most: int) -> str:
    if len(text) > most:
        raise InvalidInput(name, wording.cut(text, 40), wording.up_to_characters(most))
    return text


def _tags(text: str) -> tuple[str, ...]:
    tags = rules.tags_of(text)
    if len(tags) > rules.MAX_TAGS or any(len(tag) > rules.MAX_TAG for tag in tags):
        raise InvalidInput("tags", wording.cut(text, 40), wording.TAGS)
    return tags
