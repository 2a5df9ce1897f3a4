"""What is stored. Times are ms since the epoch, credits whole numbers, JSON is text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
    false,
    literal_column,
    text,
)
from sqlalchemy.sql.elements import ColumnElement

from bot.domain.jobs import TERMINAL, JobState
from storage.dialects import (
    APPEND_ONLY,
    Name,
    Serial,
    append_only,
    partial_index,
    word_index,
)

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_once",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_0_name)s_exists",
        "pk": "%(table_name)s_key",
    }
)


def _name(
    column: str, *, nullable: bool = False, primary_key: bool = False, unique: bool | None = None
) -> Column[Any]:
    """A name of ours or of a platform."""
    return Column(column, Name, nullable=nullable, primary_key=primary_key, unique=unique)


def _words(column: str, *, nullable: bool = False) -> Column[Any]:
    """Words of people or machines, or JSON."""
    return Column(column, Text, nullable=nullable)


def _ms(column: str, *, nullable: bool = False) -> Column[Any]:
    return Column(column, BigInteger, nullable=nullable)


def _count(column: str, *, nullable: bool = False) -> Column[Any]:
    return Column(column, Integer, nullable=nullable)


def _credits(column: str) -> Column[Any]:
    return Column(column, BigInteger, nullable=False)


def _flag(column: str) -> Column[Any]:
    return Column(column, Boolean, nullable=False)


def _mark(column: str) -> Column[Any]:
    """A flag that rows do not have unless it is said."""
    return Column(column, Boolean, nullable=False, server_default=false())


def _of_job(*, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    to_job = ForeignKey("jobs.id")
    return Column("job_id", Name, to_job, nullable=nullable, primary_key=primary_key)


def _workspace() -> tuple[Column[Any], ...]:
    return (_name("platform"), _name("tenant"))


def _home() -> tuple[Column[Any], ...]:
    """The workspace of whoever made the video; the row's own is of whoever wants something."""
    empty = text("''")
    return tuple(
        Column(name, Name, nullable=False, server_default=empty)
        for name in ("home_platform", "home_tenant")
    )


def _place() -> tuple[Column[Any], ...]:
    return (_name("channel"), _name("thread", nullable=True), _flag("private"))


def _blob(prefix: str, *, nullable: bool) -> tuple[Column[Any], ...]:
    return (
        _name(f"{prefix}_sha256", nullable=nullable),
        _name(f"{prefix}_suffix", nullable=nullable),
        Column(f"{prefix}_size", BigInteger, nullable=nullable),
    )


def in_states(*states: JobState) -> ColumnElement[bool]:
    """Jobs in one of `states`.

    An index of some rows serves only queries that repeat its condition word for word, so these
    conditions hold no bound values.
    """
    return literal_column(f"state IN ({_quoted(states)})")


def _in_no(*states: JobState) -> ColumnElement[bool]:
    return literal_column(f"state NOT IN ({_quoted(states)})")


def _quoted(states: Iterable[JobState]) -> str:
    return ", ".join(sorted(f"'{state}'" for state in states))


IS_LIVE = _in_no(*TERMINAL)
"""Jobs to which something may still happen."""
IS_STEPPING = _in_no(*TERMINAL, JobState.WAITING)
"""Live jobs that take steps of their own; waiting ones are called by the line."""
IS_MADE = in_states(JobState.DELIVERING, JobState.DONE)
"""Jobs whose video is ours."""
IS_PENDING: ColumnElement[bool] = literal_column("revision > sent")
"""Messages with something to send."""
IS_REMIX: ColumnElement[bool] = literal_column("root IS NOT NULL")
"""Jobs that change another one's video."""
IS_NAMED: ColumnElement[bool] = literal_column("remote_id IS NOT NULL")
"""Rows with a job at a backend."""
IS_SERVED: ColumnElement[bool] = literal_column(
    "submitted_at IS NOT NULL AND finished_at IS NOT NULL"
)
"""Jobs that had a slot of a backend and gave it back."""
IS_PUBLISHED: ColumnElement[bool] = literal_column("stand = 'published'")
"""Videos that everybody of their workspace may watch."""
IS_DELETED: ColumnElement[bool] = literal_column("stand = 'deleted'")
"""Videos that are gone from all chats and not yet erased."""
IS_POSTED: ColumnElement[bool] = literal_column("ref IS NOT NULL")
"""Messages that stand in a chat."""
IS_UNDONE: ColumnElement[bool] = literal_column("text IS NOT NULL")
"""What came in from a chat and waits for an answer."""
IS_DEED: ColumnElement[bool] = literal_column("outcome = 'done'")
"""Records of what was done, and not only tried."""
IS_OPEN: ColumnElement[bool] = literal_column("state = 'open'")
"""Wishes that nobody decided on."""
IS_DOWN: ColumnElement[bool] = literal_column("state = 'down'")
"""Wishes for a video to be taken down that were granted."""
IS_NAME_ONLY: ColumnElement[bool] = literal_column("text IS NULL")
"""Names of what came in, kept so that it is not taken again."""

jobs = Table(
    "jobs",
    metadata,
    _name("id", primary_key=True),
    _name("platform"),
    _name("tenant"),
    _name("person"),
    _words("person_name"),
    *_place(),
    _name("interaction"),
    _count("part"),
    _words("prompt"),
    _name("model"),
    _count("width"),
    _count("height"),
    _count("seconds"),
    *_blob("image", nullable=True),
    _name("fit"),
    _name("provider"),
    _name("account"),
    _name("base_url"),
    _name("upstream_model"),
    _credits("price"),
    _name("state"),
    _count("version"),
    _ms("accepted_at"),
    _ms("updated_at"),
    _ms("due_at", nullable=True),
    _count("tries"),
    _count("attempt"),
    _words("reference", nullable=True),
    # Field "id" of the reference, to find whom a backend's job belongs to.
    _name("remote_id", nullable=True),
    _ms("intent_at", nullable=True),
    _ms("submitted_at", nullable=True),
    _ms("finished_at", nullable=True),
    _count("progress", nullable=True),
    _name("failure", nullable=True),
    _words("reason", nullable=True),
    Column("retry_of", Name, ForeignKey("jobs.id"), nullable=True),
    _flag("cancel_asked"),
    _name("remix_of", nullable=True),
    _name("root", nullable=True),
    _words("sent_prompt", nullable=True),
    # The account that pays; none: the person's own.
    _name("payer", nullable=True),
    # What the job should cost the workspace at the backend, and what the backend said: USD·10⁻⁶.
    Column("cost", BigInteger, nullable=False, server_default=text("0")),
    Column("cost_reported", BigInteger, nullable=True),
    Column("lane", Name, nullable=False, server_default=text("'normal'")),
    _ms("not_before", nullable=True),
    _ms("off_peak_at", nullable=True),
    # How often it went to another account before it was sent, from where, and its price there.
    Column("moves", Integer, nullable=False, server_default=text("0")),
    _name("moved_from", nullable=True),
    Column("moved_price", BigInteger, nullable=True),
    Column("operation", Name, nullable=False, server_default=text("'create'")),
    # A copy of the style that was ordered with it, and whether its person asked for it.
    _name("style", nullable=True),
    _words("style_text", nullable=True),
    _mark("style_asked"),
    *_blob("last", nullable=True),
    _words("reference_pictures", nullable=True),
    Column("sound", Boolean, nullable=True),
    # The same request twice is one job.
    UniqueConstraint("platform", "tenant", "interaction", "part", name="jobs_interaction_once"),
    CheckConstraint("price >= 0", name="price_is_no_gift"),
    CheckConstraint("seconds > 0 AND width > 0 AND height > 0", name="shows_something"),
    CheckConstraint("version >= 1 AND part >= 0 AND tries >= 0", name="counts_up"),
    # One that waits without a time would wait for ever.
    CheckConstraint("state <> 'waiting' OR due_at IS NOT NULL", name="waits_for_a_time"),
)
Index("jobs_newest", jobs.c.platform, jobs.c.tenant, jobs.c.accepted_at)
Index("jobs_of", jobs.c.platform, jobs.c.tenant, jobs.c.person, jobs.c.accepted_at)
partial_index(
    "jobs_live_here",
    jobs.c.platform,
    jobs.c.tenant,
    jobs.c.accepted_at,
    jobs.c.id,
    where=IS_LIVE,
)
partial_index("jobs_live", jobs.c.state, jobs.c.accepted_at, where=IS_LIVE)
partial_index("jobs_due", jobs.c.due_at, where=IS_STEPPING)
partial_index("jobs_family", jobs.c.root, jobs.c.accepted_at, where=IS_REMIX)
partial_index(
    "jobs_served",
    jobs.c.platform,
    jobs.c.tenant,
    jobs.c.person,
    jobs.c.finished_at,
    where=IS_SERVED,
)
partial_index("jobs_remote", jobs.c.remote_id, where=IS_NAMED)
partial_index(
    "jobs_durations",
    jobs.c.model,
    jobs.c.width,
    jobs.c.height,
    jobs.c.seconds,
    jobs.c.finished_at,
    where=IS_MADE,
)

attempts = Table(
    "attempts",
    metadata,
    _of_job(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _name("provider"),
    _name("account"),
    _ms("intent_at"),
    _words("reference", nullable=True),
    _name("remote_id", nullable=True),
    _ms("ended_at", nullable=True),
    _name("outcome", nullable=True),
    CheckConstraint("number >= 1", name="counts_up"),
)
partial_index("attempts_remote", attempts.c.remote_id, where=IS_NAMED)

job_history = Table(
    "job_history",
    metadata,
    Column("id", Serial, primary_key=True),
    _of_job(),
    _count("version"),
    _ms("at"),
    _name("state"),
    _words("why"),
)
Index("job_history_of", job_history.c.job_id)

accounts = Table(
    "accounts",
    metadata,
    _name("name", primary_key=True),
    _flag("overdraft"),
    _credits("balance"),
    CheckConstraint("overdraft OR balance >= 0", name="is_covered"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Serial, primary_key=True),
    _name("ref"),
    Column("account", Name, ForeignKey("accounts.name"), nullable=False),
    _name("kind"),
    _credits("amount"),
    # The account's balance after this entry.
    _credits("balance"),
    _name("actor"),
    _words("reason"),
    _ms("at"),
    _of_job(nullable=True),
    UniqueConstraint("ref", "account"),
    CheckConstraint("amount <> 0", name="moves_something"),
)
Index("entries_statement", entries.c.account, entries.c.id)
Index("entries_of_job", entries.c.job_id)

quota_rules = Table(
    "quota_rules",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("subject", primary_key=True),
    _name("unit", primary_key=True),
    _name("period", primary_key=True),
    # Empty: of all models together.
    _name("model", primary_key=True),
    Column("most", BigInteger, nullable=False),
    _name("counted"),
    CheckConstraint("most >= 0", name="is_possible"),
)

# What somebody may use above a limit until a moment; see `domain.quotas.Extra`.
quota_extras = Table(
    "quota_extras",
    metadata,
    _name("ref", primary_key=True),
    *_workspace(),
    _name("person"),
    _name("unit"),
    _name("period"),
    _name("model"),
    Column("amount", BigInteger, nullable=False),
    _ms("until"),
    CheckConstraint("amount > 0", name="is_something"),
)
Index(
    "quota_extras_of",
    quota_extras.c.platform,
    quota_extras.c.tenant,
    quota_extras.c.person,
    quota_extras.c.until,
)


def _tallies() -> tuple[Column[Any], ...]:
    return (
        _name("platform", primary_key=True),
        _name("tenant", primary_key=True),
        _name("scope", primary_key=True),
        _name("model", primary_key=True),
        Column("slot", BigInteger, primary_key=True, autoincrement=False),
        Column("videos", BigInteger, nullable=False),
        Column("seconds", BigInteger, nullable=False),
        _credits("credits"),
        # USD·10⁻⁶.
        Column("micros", BigInteger, nullable=False),
    )


# What counts, in slots of time: of a person, a channel, a provider or all, with and without model.
# Sums of it are what limits and budgets look at, so that an order costs the same after years.
tallies = Table("tallies", metadata, *_tallies())
# The same in whole days (UTC), so that a sum over a month reads few rows.
day_tallies = Table("day_tallies", metadata, *_tallies())

budgets = Table(
    "budgets",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("scope", primary_key=True),
    _name("period", primary_key=True),
    # USD·10⁻⁶; of `cap`, `reserve` is for those who have the role alone.
    Column("cap", BigInteger, nullable=False),
    Column("reserve", BigInteger, nullable=False),
    _name("reserve_role", nullable=True),
    CheckConstraint("cap >= 0 AND reserve >= 0 AND reserve <= cap", name="is_possible"),
)

# Which thresholds of a budget were told of; a row is there once.
budget_alerts = Table(
    "budget_alerts",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("scope", primary_key=True),
    _name("period", primary_key=True),
    Column("started_at", BigInteger, primary_key=True, autoincrement=False),
    Column("percent", Integer, primary_key=True, autoincrement=False),
    _ms("at"),
)

# Wishes for more that admins decide on.
requests = Table(
    "requests",
    metadata,
    _name("id", primary_key=True),
    *_workspace(),
    _name("person"),
    _words("person_name"),
    _name("unit"),
    _name("period", nullable=True),
    _name("model"),
    Column("amount", BigInteger, nullable=False),
    _words("reason"),
    _name("state"),
    _ms("asked_at"),
    _name("decided_by", nullable=True),
    _ms("decided_at", nullable=True),
    _words("decided_name", nullable=True),
)
Index(
    "requests_open",
    requests.c.platform,
    requests.c.tenant,
    requests.c.person,
    unique=True,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)

# Credits that come by themselves each period, to a person, a channel or everyone.
schedules = Table(
    "schedules",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("subject", primary_key=True),
    _credits("amount"),
    _name("period"),
    # No more than this in the account afterwards; none: any.
    Column("cap", BigInteger, nullable=True),
    # What is left of it goes when the next comes.
    _flag("expires"),
    CheckConstraint("amount > 0", name="is_something"),
)

# What admins chose for a workspace, or for one channel of it.
choices = Table(
    "choices",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    # Empty: the whole workspace.
    _name("channel", primary_key=True),
    _name("name", primary_key=True),
    _words("value"),
)

own_choices = Table(
    "own_choices",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("person", primary_key=True),
    _name("name", primary_key=True),
    _words("value"),
)

# Whom the author of a video lets change it, once or always.
permits = Table(
    "permits",
    metadata,
    _of_job(primary_key=True),
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("person", primary_key=True),
    _flag("always"),
    _ms("at"),
)

# Orders that wait until the author of a video said yes.
asks = Table(
    "asks",
    metadata,
    _name("id", primary_key=True),
    *_workspace(),
    _of_job(),
    _name("person"),
    _words("person_name"),
    _name("author"),
    _words("author_name"),
    _name("interaction"),
    # JSON: the order, and the roles of whoever wants it.
    _words("body"),
    _name("state"),
    _words("reason"),
    _words("problem"),
    _ms("asked_at"),
    _ms("settled_at", nullable=True),
    *_home(),
    # The same request twice is one question.
    UniqueConstraint("platform", "tenant", "interaction", name="asks_interaction_once"),
)
Index(
    "asks_one_open",
    asks.c.job_id,
    asks.c.platform,
    asks.c.tenant,
    asks.c.person,
    unique=True,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
partial_index(
    "asks_waiting",
    asks.c.home_platform,
    asks.c.home_tenant,
    asks.c.author,
    asks.c.asked_at,
    where=IS_OPEN,
)
Index("asks_by", asks.c.platform, asks.c.tenant, asks.c.person, asks.c.asked_at)
Index("asks_asked", asks.c.state, asks.c.asked_at)

# Wishes that a video is taken down.
takedowns = Table(
    "takedowns",
    metadata,
    _name("id", primary_key=True),
    *_workspace(),
    _of_job(),
    _name("author"),
    _words("author_name"),
    _name("person"),
    _words("person_name"),
    # What the video has to do with that person.
    _name("claim"),
    _words("reason"),
    _name("state"),
    _ms("asked_at"),
    _name("decided_by", nullable=True),
    _words("decided_name", nullable=True),
    _ms("decided_at", nullable=True),
    # Why it was decided so.
    _words("answer"),
    *_home(),
    UniqueConstraint("job_id", "platform", "tenant", "person", name="takedowns_person_once"),
)
partial_index(
    "takedowns_open",
    takedowns.c.home_platform,
    takedowns.c.home_tenant,
    takedowns.c.asked_at,
    where=IS_OPEN,
)
partial_index(
    "takedowns_strikes",
    takedowns.c.home_platform,
    takedowns.c.home_tenant,
    takedowns.c.author,
    takedowns.c.decided_at,
    where=IS_DOWN,
)

blocks = Table(
    "blocks",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("person", primary_key=True),
    _words("reason"),
    _name("by"),
    _ms("at"),
)

# What is paused, drained or stopped: a workspace, a provider or a model.
switches = Table(
    "switches",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("scope", primary_key=True),
    _name("mode"),
    _words("reason"),
    _name("by"),
    _ms("at"),
)

# What admins did, and what others tried to.
audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    *_workspace(),
    _ms("at"),
    _name("actor"),
    _words("actor_name"),
    _name("verb"),
    _words("subject"),
    _words("subject_name"),
    _words("before"),
    _words("after"),
    _words("reason"),
    _name("outcome"),
    # The request that it came from; none: before these were kept.
    _name("interaction", nullable=True),
)
Index("audit_newest", audit.c.platform, audit.c.tenant, audit.c.id)
Index("audit_of_request", audit.c.platform, audit.c.tenant, audit.c.interaction)
# The same request twice is one deed.
Index(
    "audit_once",
    audit.c.platform,
    audit.c.tenant,
    audit.c.interaction,
    audit.c.verb,
    audit.c.subject,
    unique=True,
    sqlite_where=IS_DEED,
    postgresql_where=IS_DEED,
)

# Orders that wait for their asker's yes to the price.
quotes = Table(
    "quotes",
    metadata,
    _name("id", primary_key=True),
    *_workspace(),
    _name("person"),
    _name("interaction"),
    # The invocation as JSON.
    _words("body"),
    _credits("price"),
    _flag("agreed"),
    _ms("at"),
    UniqueConstraint("platform", "tenant", "interaction"),
)
Index("quotes_old", quotes.c.at)

# News for admins; its words are made when it is sent.
notices = Table(
    "notices",
    metadata,
    _name("id", primary_key=True),
    *_workspace(),
    _name("kind"),
    _words("body"),
    _ms("at"),
)
Index("notices_newest", notices.c.platform, notices.c.tenant, notices.c.at)

outbox = Table(
    "outbox",
    metadata,
    _name("key", primary_key=True),
    # None: a notice.
    _of_job(nullable=True),
    _name("platform"),
    _name("tenant"),
    *_place(),
    _count("revision"),
    # The last revision that was delivered or given up.
    _count("sent"),
    _ms("due_at"),
    _count("tries"),
    _words("ref", nullable=True),
    # To be taken back, or taken back already; nothing is told under its key meanwhile.
    _mark("gone"),
    # The message's own id within `ref`.
    _name("posted_id", nullable=True),
)
partial_index("outbox_due", outbox.c.due_at, where=IS_PENDING)
Index("outbox_of_job", outbox.c.job_id)
partial_index("outbox_posted", outbox.c.ref, where=IS_POSTED)
partial_index(
    "outbox_shown", outbox.c.platform, outbox.c.tenant, outbox.c.posted_id, where=IS_POSTED
)

gates = Table(
    "gates",
    metadata,
    _name("key", primary_key=True),
    _ms("opens_at"),
    Column("learned", Text, nullable=False, server_default="{}"),
)

# How accounts (no model) and their models answered lately; no trouble: creates are sent.
circuits = Table(
    "circuits",
    metadata,
    _name("gate", primary_key=True),
    _name("model", primary_key=True),
    _count("faults"),
    _name("trouble", nullable=True),
    _ms("opened_at"),
    _count("opens"),
    _ms("retry_at"),
    _name("probe", nullable=True),
)

videos = Table(
    "videos",
    metadata,
    _of_job(primary_key=True),
    *_blob("blob", nullable=False),
    *_blob("poster", nullable=True),
    _count("width"),
    _count("height"),
    _ms("duration_ms"),
    _count("frames"),
    _ms("made_at"),
    _flag("simulated"),
)

releases = Table(
    "releases",
    metadata,
    _of_job(primary_key=True),
    *_workspace(),
    _name("author"),
    _words("author_name"),
    _name("channel"),
    _name("model"),
    _name("stand"),
    _count("version"),
    _ms("made_at"),
    # The key of the message that shows it to everybody.
    _name("shown_as"),
    _words("title"),
    _words("description"),
    # JSON: a list of words.
    _words("tags"),
    # None: as its author chose for all of theirs.
    _name("remixers", nullable=True),
    _ms("published_at", nullable=True),
    _ms("deleted_at", nullable=True),
    _name("reviewer", nullable=True),
    _words("reviewer_name", nullable=True),
    _words("reason"),
    _flag("moderated"),
    # How often it was sent to the reviewers.
    _count("rounds"),
    CheckConstraint("stand <> 'deleted' OR deleted_at IS NOT NULL", name="was_deleted_once"),
    CheckConstraint("stand <> 'published' OR published_at IS NOT NULL", name="came_out_once"),
)
Index(
    "releases_in",
    releases.c.platform,
    releases.c.tenant,
    releases.c.stand,
    releases.c.made_at,
)
Index(
    "releases_of",
    releases.c.platform,
    releases.c.tenant,
    releases.c.author,
    releases.c.made_at,
)
partial_index("releases_deleted", releases.c.deleted_at, where=IS_DELETED)

# What is not gone, to look through; a video that is published moves to the end.
# A row for each workspace in which a video is found: its own, and those it was published in.
library = Table(
    "library",
    metadata,
    Column("id", Serial, primary_key=True),
    _of_job(),
    *_workspace(),
    _ms("at"),
    # How many people like it.
    _count("likes"),
    # All that finds it, as `storage.library` writes it.
    _words("words"),
    UniqueConstraint("job_id", "platform", "tenant", name="library_job_id_platform_tenant_once"),
)
Index("library_newest", library.c.platform, library.c.tenant, library.c.id)
Index("library_best", library.c.platform, library.c.tenant, library.c.likes, library.c.id)

# A row for each way in which somebody said that they like a video.
likes = Table(
    "likes",
    metadata,
    _of_job(primary_key=True),
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("person", primary_key=True),
    _name("sign", primary_key=True),
    _ms("at"),
)
Index("likes_of", likes.c.platform, likes.c.tenant, likes.c.person, likes.c.job_id)

# What was looked for, so that a button for the next page needs no more than a number.
searches = Table(
    "searches",
    metadata,
    Column("id", Serial, primary_key=True),
    *_workspace(),
    _name("verb"),
    # JSON: texts by name.
    _words("args"),
    # Of the two, for a text may be longer than what an index takes.
    _name("digest"),
    UniqueConstraint("platform", "tenant", "digest"),
)

prompts = Table(
    "prompts",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("person", primary_key=True),
    _name("name", primary_key=True),
    _words("text"),
    _ms("at"),
)

styles = Table(
    "styles",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("name", primary_key=True),
    _words("text"),
)

channel_styles = Table(
    "channel_styles",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("channel", primary_key=True),
    _name("name"),
)

# Where else a published video stands; its own workspace is in `releases`.
publications = Table(
    "publications",
    metadata,
    _of_job(primary_key=True),
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("channel"),
    # The key of the message that shows it there.
    _name("shown_as"),
    _ms("at"),
    _name("by"),
)
Index(
    "publications_called",
    publications.c.platform,
    publications.c.tenant,
    publications.c.job_id,
)

# A row for each way: what two workspaces call each other, once their admins agreed.
links = Table(
    "links",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("other_platform", primary_key=True),
    _name("other_tenant", primary_key=True),
    _name("name"),
    _ms("at"),
    UniqueConstraint("platform", "tenant", "name"),
)

# A workspace has one code at a time, and nobody can read it here.
link_codes = Table(
    "link_codes",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("digest", unique=True),
    _name("person"),
    _words("person_name"),
    _name("name"),
    _ms("ends_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Serial, primary_key=True),
    _name("nonce", unique=True),
    _name("platform"),
    _name("tenant"),
    *_place(),
    _name("author"),
    _words("body"),
    _ms("at"),
    Column("revision", BigInteger, nullable=False, unique=True),
    # Taken back: its body is empty, and its nonce was changed.
    _mark("gone"),
)
Index("messages_newest", messages.c.platform, messages.c.tenant, messages.c.id)
Index("messages_changed", messages.c.platform, messages.c.tenant, messages.c.revision)

notes = Table(
    "notes",
    metadata,
    _name("chat", primary_key=True),
    _name("name", primary_key=True),
    _words("text"),
)

# A row for each name; only the one that an arrival goes by has its text, until it is done.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Serial, primary_key=True),
    _name("chat"),
    _name("key"),
    _name("arrival"),
    _words("text", nullable=True),
    _ms("at"),
    # What comes again is taken once.
    UniqueConstraint("chat", "key"),
)
partial_index("inbox_waiting", inbox.c.chat, inbox.c.at, inbox.c.id, where=IS_UNDONE)
partial_index("inbox_names", inbox.c.chat, inbox.c.at, where=IS_NAME_ONLY)

channels = Table(
    "channels",
    metadata,
    _name("platform", primary_key=True),
    _name("tenant", primary_key=True),
    _name("channel", primary_key=True),
    _name("thread_mode"),
)

leases = Table(
    "leases",
    metadata,
    _name("name", primary_key=True),
    _words("holder"),
    Column("epoch", BigInteger, nullable=False),
    _ms("until_at"),
)

for _dialect in ("sqlite", "postgresql"):
    for _table, _statements in (
        *((name, append_only(_dialect, name)) for name in APPEND_ONLY),
        ("library", word_index(_dialect)),
    ):
        for _statement in _statements:
            event.listen(
                metadata.tables[_table],
                "after_create",
                DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect),
            )
