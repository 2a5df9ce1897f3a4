"""Finished videos to look through.

A row of `library` holds all words that find a video, and marks for what else is asked of it, so
that one index answers both. Marks begin with a sign that no word has. The rows themselves have the
last word on what somebody may see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2s

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.library import (
    Cursor,
    Found,
    LibraryFilter,
    Order,
    Shelf,
    listed_at,
    searched,
    terms_of,
    words_of,
)
from bot.domain.links import Publication
from bot.domain.refs import Tenant
from bot.domain.releases import GONE, HIDDEN, Release, Remixers, Stand
from storage.dialects import Asked, all_of, having_words, new_row
from storage.likes import COUNT
from storage.mapping import (
    Columns,
    Row,
    dumped,
    job_of,
    loaded,
    release_of,
    video_of,
    workspace_columns,
)
from storage.tables import (
    IS_REMIX,
    jobs,
    library,
    likes,
    links,
    publications,
    releases,
    searches,
    videos,
)

_MARK = "§"
_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_PROMPT = select(jobs.c.prompt).where(jobs.c.id == bindparam("job_id"))
_ADD = insert(library)
_CHANGE = (
    update(library)
    .where(
        library.c.job_id == bindparam("named"),
        library.c.platform == bindparam("of_platform"),
        library.c.tenant == bindparam("of_tenant"),
    )
    .values(words=bindparam("new_words"), at=bindparam("new_at"))
)
_REMOVE_ALL = delete(library).where(library.c.job_id == bindparam("job_id"))
_REMOVE = _REMOVE_ALL.where(
    library.c.platform == bindparam("platform"), library.c.tenant == bindparam("tenant")
)
_ELSEWHERE = (
    select(publications)
    .where(publications.c.job_id == bindparam("job_id"))
    .order_by(publications.c.platform, publications.c.tenant)
)
_RELEASE = select(releases).where(releases.c.job_id == bindparam("job_id"))
_AT_HOME = and_(releases.c.platform == library.c.platform, releases.c.tenant == library.c.tenant)
_SHARED = or_(
    _AT_HOME,
    exists().where(
        links.c.platform == releases.c.platform,
        links.c.tenant == releases.c.tenant,
        links.c.other_platform == library.c.platform,
        links.c.other_tenant == library.c.tenant,
    ),
)
"""Of its own workspace, or of one that is linked still."""
_RELEASES = select(releases).where(releases.c.job_id.in_(_IDS))
_VIDEOS = select(videos).where(videos.c.job_id.in_(_IDS))
_JOBS = select(jobs).where(jobs.c.id.in_(_IDS))
_SHOWN = releases.c.stand == Stand.PUBLISHED.value
_DRAFT = releases.c.stand.in_([stand.value for stand in sorted(HIDDEN)])

_REMEMBER = new_row(searches)
_REMIX = releases.alias("remix")
_HUNG = library.alias("hung")
_STANDS_HERE = exists().where(
    _HUNG.c.job_id == jobs.c.id,
    _HUNG.c.platform == bindparam("platform"),
    _HUNG.c.tenant == bindparam("tenant"),
)
_REMIXES = (
    select(func.count())
    .select_from(jobs.join(_REMIX, _REMIX.c.job_id == jobs.c.id))
    .where(
        IS_REMIX,
        jobs.c.root == library.c.job_id,
        _REMIX.c.stand == Stand.PUBLISHED.value,
        _STANDS_HERE,
    )
    .correlate(library)
    .scalar_subquery()
    .label("remixes")
)
_TOP = (
    select(library.c.id, library.c.job_id, library.c.likes, _REMIXES)
    .join(releases, releases.c.job_id == library.c.job_id)
    .where(
        library.c.platform == bindparam("platform"),
        library.c.tenant == bindparam("tenant"),
        library.c.at >= bindparam("since"),
        library.c.at < bindparam("until"),
        _SHOWN,
        _SHARED,
    )
    .order_by(library.c.likes.desc(), _REMIXES.desc(), library.c.id.desc())
    .limit(bindparam("most"))
)
_REMIXED = (
    select(jobs.c.root, func.count().label("remixes"))
    .select_from(jobs.join(_REMIX, _REMIX.c.job_id == jobs.c.id))
    .where(
        IS_REMIX,
        jobs.c.root.in_(_IDS),
        _REMIX.c.stand == Stand.PUBLISHED.value,
        _STANDS_HERE,
    )
    .group_by(jobs.c.root)
)
_OF_WORKSPACE = and_(
    searches.c.platform == bindparam("platform"), searches.c.tenant == bindparam("tenant")
)
_NUMBER = select(searches.c.id).where(_OF_WORKSPACE, searches.c.digest == bindparam("digest"))
_RECALL = select(searches).where(_OF_WORKSPACE, searches.c.id == bindparam("number"))


class SqlLibrary:
    """`LibraryRows` within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self, which: LibraryFilter) -> tuple[Found, ...]:
        """Videos by filter, in its order."""
        asked, values = _asked(self._connection.dialect.name, which)
        return await self._whole((await self._connection.execute(asked, values)).all())

    async def top(
        self, tenant: Tenant, since: int, until: int, limit: int
    ) -> tuple[tuple[Found, int], ...]:
        """Published in [since, until) (ms), with how many published remixes go back to each."""
        span = {"since": since, "until": until}
        asked = {**workspace_columns(tenant), **span, "most": limit}
        places = (await self._connection.execute(_TOP, asked)).all()
        found = await self._whole(places)
        return tuple((one, row.remixes) for one, row in zip(found, places, strict=True))

    async def remixes(self, tenant: Tenant, job_ids: Collection[str]) -> Mapping[str, int]:
        """How many remixes published there go back to each of these; none are left out."""
        asked = {**workspace_columns(tenant), "ids": list(job_ids)}
        rows = await self._connection.execute(_REMIXED, asked)
        return {row.root: row.remixes for row in rows}

    async def _whole(self, places: Sequence[Row]) -> tuple[Found, ...]:
        named = {"ids": [row.job_id for row in places]}
        stand = {
            row.job_id: release_of(row) for row in await self._connection.execute(_RELEASES, named)
        }
        made = {row.job_id: video_of(row) for row in await self._connection.execute(_VIDEOS, named)}
        of = {row.id: job_of(row) for row in await self._connection.execute(_JOBS, named)}
        return tuple(
            Found(stand[name], of[name], made[name], row.likes, Cursor(row.id, row.likes))
            for row in places
            for name in (row.job_id,)
        )

    async def remember(self, tenant: Tenant, verb: str, args: Mapping[str, str]) -> int:
        """The number of a search, so that its next page can be asked for at any time."""
        text = dumped(dict(sorted(args.items()))) or ""
        digest = blake2s(f"{verb} {text}".encode()).hexdigest()
        row = {**workspace_columns(tenant), "verb": verb, "args": text, "digest": digest}
        await self._connection.execute(_REMEMBER[self._connection.dialect.name], row)
        named = {**workspace_columns(tenant), "digest": digest}
        return (await self._connection.execute(_NUMBER, named)).scalar_one()

    async def recall(self, tenant: Tenant, number: int) -> tuple[str, Mapping[str, str]] | None:
        """Verb and arguments of the search of that number; None when there is none there."""
        asked = {**workspace_columns(tenant), "number": number}
        row = (await self._connection.execute(_RECALL, asked)).first()
        return (row.verb, loaded(row.args) or {}) if row else None


# --- writing ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spot:
    """Where everybody of a workspace finds a video, and since when (ms)."""

    tenant: Tenant
    channel: str
    at: int


async def put_on_shelf(connection: AsyncConnection, release: Release) -> None:
    """Have a video found that was not, as the last one of all."""
    if release.stand not in GONE:
        await connection.execute(_ADD, await _row(connection, release, _home(release)))


async def keep_on_shelf(connection: AsyncConnection, seen: Release, new: Release) -> None:
    """Have a video found as it is now, after a change from `seen`."""
    new = replace(new, author=seen.author, model=seen.model, made_at=seen.made_at)
    came_out = new.stand is Stand.PUBLISHED and seen.stand is not Stand.PUBLISHED
    if came_out or new.stand in GONE or seen.stand in GONE:
        await _remove(connection, new.job_id, None if new.stand in GONE else seen.author.tenant)
        await put_on_shelf(connection, new)
    elif _findable(seen) != _findable(new):
        for spot in (_home(new), *await _elsewhere(connection, new.job_id)):
            await _change(connection, new, spot)


async def put_elsewhere(connection: AsyncConnection, publication: Publication) -> None:
    """Have a video found in one more workspace, as the last one of all."""
    named = {"job_id": publication.job_id}
    row = (await connection.execute(_RELEASE, named)).first()
    if row is not None:
        spot = Spot(publication.tenant, publication.channel, publication.at)
        await connection.execute(_ADD, await _row(connection, release_of(row), spot))


async def take_from(connection: AsyncConnection, job_id: str, tenant: Tenant) -> None:
    """Have a video no longer found in another workspace."""
    await _remove(connection, job_id, tenant)


def _home(release: Release) -> Spot:
    return Spot(release.author.tenant, release.channel, listed_at(release))


async def _elsewhere(connection: AsyncConnection, job_id: str) -> Sequence[Spot]:
    rows = await connection.execute(_ELSEWHERE, {"job_id": job_id})
    return [Spot(Tenant(row.platform, row.tenant), row.channel, row.at) for row in rows]


async def _remove(connection: AsyncConnection, job_id: str, tenant: Tenant | None) -> None:
    """From one workspace, or from all."""
    named: Columns = {"job_id": job_id}
    if tenant:
        await connection.execute(_REMOVE, named | workspace_columns(tenant))
    else:
        await connection.execute(_REMOVE_ALL, named)


async def _change(connection: AsyncConnection, release: Release, spot: Spot) -> None:
    row = await _row(connection, release, spot)
    changed = {
        "named": release.job_id,
        "of_platform": spot.tenant.platform,
        "of_tenant": spot.tenant.id,
        "new_words": row["words"],
        "new_at": row["at"],
    }
    await connection.execute(_CHANGE, changed)


def _findable(release: Release) -> tuple[object, ...]:
    """All of a release that the library knows."""
    words = (release.title, release.description, release.tags)
    return (*words, release.channel, release.stand, listed_at(release))


async def _row(connection: AsyncConnection, release: Release, spot: Spot) -> Columns:
    prompt = (await connection.execute(_PROMPT, {"job_id": release.job_id})).scalar_one()
    liked = (await connection.execute(COUNT, {"liked": release.job_id})).scalar_one()
    return {
        "job_id": release.job_id,
        **workspace_columns(spot.tenant),
        "at": spot.at,
        "likes": liked,
        "words": indexed(release, prompt, spot),
    }


def indexed(release: Release, prompt: str, spot: Spot | None = None) -> str:
    """What the index has of a video in one workspace; in its own, without a `spot`."""
    marks = _marks(release, spot or _home(release))
    return " ".join((*words_of(searched(release, prompt)), *marks))


def _marks(release: Release, spot: Spot) -> Iterator[str]:
    yield _mark("workspace", spot.tenant.key)
    yield _mark("shelf", Shelf.DRAFTS if release.stand in HIDDEN else Shelf.PUBLISHED)
    if spot.tenant == release.author.tenant:
        # Somebody else may have that id elsewhere.
        yield _mark("author", release.author.id)
    yield _mark("channel", spot.channel)
    yield _mark("model", release.model)
    yield from (_mark("tag", tag) for tag in release.tags)


def _mark(kind: str, value: str) -> str:
    return _MARK + blake2s(f"{kind}/{value}".encode(), digest_size=8).hexdigest()


# --- reading ------------------------------------------------------------------------------


def _asked(dialect: str, which: LibraryFilter) -> tuple[Asked, Columns]:
    """Number, job and likes of what is looked for, and the values to ask with."""
    asked = select(library.c.id, library.c.job_id, library.c.likes).select_from(library)
    number: ColumnElement[int] = library.c.id
    words = _words(which)
    if words:
        by_number = which.order is Order.NEWEST
        asked, number = having_words(dialect, asked, library, sorted_by_number=by_number)
    asked = asked.join(releases, releases.c.job_id == library.c.job_id)
    if which.order is Order.BEST:
        asked = asked.order_by(library.c.likes.desc(), library.c.id.desc())
    else:
        asked = asked.order_by(number.desc())
    asked = asked.where(*_conditions(which), *_following(which, number)).limit(which.limit)
    return asked, {"words": all_of(dialect, words)} if words else {}


def _words(which: LibraryFilter) -> Sequence[tuple[str, bool]]:
    """Words and marks to look for; none when the workspace's own index is the better way."""
    narrow = [
        *((term.text, term.whole) for term in terms_of(which.words)),
        *_marked("author", which.author),
        *_marked("channel", which.channel),
        *_marked("model", which.model),
        *_marked("tag", which.tag),
    ]
    if which.shelf is Shelf.DRAFTS:
        narrow += _marked("author", which.asker.id)
    if not narrow:
        return ()
    if which.shelf is not Shelf.BOTH:
        narrow += _marked("shelf", which.shelf)
    return [*dict.fromkeys((*narrow, *_marked("workspace", which.asker.tenant.key)))]


def _marked(kind: str, value: str | None) -> list[tuple[str, bool]]:
    return [] if value is None else [(_mark(kind, value), True)]


def _conditions(which: LibraryFilter) -> Iterator[ColumnElement[bool]]:
    asker = which.asker
    yield library.c.platform == asker.tenant.platform
    yield library.c.tenant == asker.tenant.id
    own = and_(_AT_HOME, releases.c.author == asker.id)
    yield _AT_HOME if which.own else _SHARED
    yield {
        Shelf.PUBLISHED: _SHOWN,
        Shelf.DRAFTS: and_(_DRAFT, own),
        Shelf.BOTH: or_(_SHOWN, and_(_DRAFT, own)),
    }[which.shelf]
    if which.author is not None:
        yield and_(_AT_HOME, releases.c.author == which.author)
    if which.channel is not None:
        yield or_(and_(_AT_HOME, releases.c.channel == which.channel), _shown_in(which.channel))
    if which.model is not None:
        yield releases.c.model == which.model
    if which.since is not None:
        yield library.c.at >= which.since
    if which.until is not None:
        yield library.c.at < which.until
    if which.liked_by is not None:
        yield library.c.job_id.in_(
            select(likes.c.job_id).where(
                likes.c.platform == asker.tenant.platform,
                likes.c.tenant == asker.tenant.id,
                likes.c.person == which.liked_by,
            )
        )
    if which.remixable:
        closed = releases.c.remixers == Remixers.NOBODY.value
        for_team = and_(releases.c.remixers == Remixers.TEAM.value, ~_AT_HOME)
        yield or_(releases.c.remixers.is_(None), ~or_(closed, for_team), own)


def _shown_in(channel: str) -> ColumnElement[bool]:
    """What came from another workspace into that channel."""
    return exists().where(
        publications.c.job_id == library.c.job_id,
        publications.c.platform == library.c.platform,
        publications.c.tenant == library.c.tenant,
        publications.c.channel == channel,
    )


def _following(which: LibraryFilter, number: ColumnElement[int]) -> Iterator[ColumnElement[bool]]:
    after = which.after
    if after is None:
        return
    if which.order is Order.BEST:
        yield tuple_(library.c.likes, library.c.id) < tuple_(after.likes, after.number)
    else:
        yield number < after.number
