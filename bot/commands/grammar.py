"""What people can ask for, as data: adapters make their menus of it, the parser reads by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.domain.catalogue import Catalogue
from bot.domain.exports import Format
from bot.domain.jobs import Wanted
from bot.domain.later import OFF_PEAK
from bot.domain.library import Lately, Order
from bot.domain.order import Lane
from bot.domain.people import OFF, ON
from bot.domain.permits import MAX_REASON
from bot.domain.quotas import EVERYONE, Period, Unit
from bot.domain.releases import DraftPolicy, Remixers
from bot.domain.reports import By, When
from bot.domain.styles import MAX_STYLE, PLAIN
from bot.domain.takedowns import MAX_REASON as TAKEDOWN_REASON
from bot.domain.threads import ThreadMode
from bot.domain.usage import WORKSPACE
from bot.domain.videos import MAX_COUNT, MAX_PROMPT, MAX_REFERENCES, Fit
from bot.domain.workspaces import NO, YES, Choice

TYPED = "typed"
"""Verb of an invocation whose `args` are ``{"text": what somebody typed}``, still to be read."""

REPLIED = "replied"
"""The same, written to the bot itself where people write to each other too, as in a thread.

In the thread of a finished video, what begins with no verb is a remix of it."""

OVERHEARD = "overheard"
"""The same, written in a thread to others. What is answered, if anything, spends nothing."""

REACTED = "reacted"
"""Verb of a sign put on a message of a place, or taken away: nothing is answered.

`args` are ``{"message": its id, "sign": one emoji}``, with ``"gone": "yes"`` when it is taken away.
"""

DISMISS = "dismiss"
"""Verb of a button that takes its message away; the chat does that, and the core never sees it."""

AGREED = "agreed"
"""Verb of a button that says yes to the price of an order; `args` are ``{"quote": its name}``."""

EXTEND = "extend"
"""Verb of a button that a prompt and a length are asked for; neither has to be said."""

ADDING = frozenset({"remix", EXTEND})
"""Verbs whose prompt is told beside the words of a video: where it is asked for, it is empty."""

NO_LIMIT = "none"
"""Typed for a number, it takes a limit away."""

MINE = "mine"
"""Typed for a video: all of one's own."""

OF_CHANNEL = "channel"
"""Typed for whose something is: of the channel where it is typed."""

HERE = "here"
"""Typed for a channel: the one where it is typed."""

LIST = "list"
"""Typed for a code: which workspaces are linked."""

IMAGE, LAST, REFERENCE, SOUND = "image", "last", "reference", "sound"
"""What a video can be given besides words, as far as a model on sale takes it."""
CODE = "code"
"""Name of a parameter that takes a secret: what is typed for it is on record nowhere."""


class Where(StrEnum):
    """Which part of a library is looked through."""

    MINE = "mine"
    CHANNEL = "channel"
    WORKSPACE = "workspace"


class Kind(StrEnum):
    """What a parameter's text is. Adapters choose the widget, the parser the shape."""

    TEXT = "text"
    """All that is left of the line; at most one in a verb."""
    NUMBER = "number"
    SIZE = "size"
    SECONDS = "seconds"
    MODEL = "model"
    JOB = "job"
    PERSON = "person"
    CHOICE = "choice"
    FLAG = "flag"
    MONEY = "money"
    """US dollars, as ``12.50``."""
    WORD = "word"
    """One word, which only a service can tell the right ones of."""
    SCOPE = "scope"
    """What an admin holds back: all, a provider or a model."""
    STYLE = "style"
    """The name of a style, of which only a service can tell the right ones."""
    START = "start"
    """When to begin: in a lane, at a time or after a while; see `domain.later.timing_of`."""
    IMAGE = "image"
    """An attached file: it comes with the invocation's uploads, never as text.

    With a `max` there may be as many; chats with typed options have one for each.
    """


class Group(StrEnum):
    """The top-level command, without its slash."""

    MEMBER = "sora"
    ADMIN = "sora-admin"


class Right(StrEnum):
    """Who may use a verb; the core checks again whatever a chat hides."""

    MEMBER = "member"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Param:
    """One thing to say with a verb; the order in the verb is the order when typed without names.

    `choices` are the only words of a CHOICE, and extra words for the other kinds. `synonyms` map
    other words to them. `min` and `max` bound numbers, and the characters of a text. `wanted` says
    which jobs can be meant. `roles`: a role can be meant where a person can, as ``<@&123|Plus>``.
    `or_channel`: so can a channel, as ``<#123|studio>``; chats with typed options ask for it by
    this name. `named`: a typed line has to say its name, for its words are also those of sentences.
    """

    name: str
    kind: Kind
    help: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    min: int | None = None
    max: int | None = None
    choices: tuple[str, ...] = ()
    wanted: Wanted = Wanted.ANY
    roles: bool = False
    or_channel: str = ""
    named: bool = False
    synonyms: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def places(self) -> tuple[str, ...]:
        """An option for each of the files that it takes: ``reference``, ``reference_2``."""
        most = self.max if self.kind is Kind.IMAGE and self.max else 1
        return (self.name, *(f"{self.name}_{number}" for number in range(2, most + 1)))

    @property
    def names(self) -> tuple[str, ...]:
        """The name and all that stands for it."""
        other = (self.or_channel,) if self.or_channel else ()
        return (self.name, *self.aliases, *other)

    def choice(self, word: str) -> str | None:
        """The choice that a word means, in any case; None when it means none."""
        lowered = word.lower()
        chosen = str(self.synonyms.get(lowered, lowered))
        return chosen if chosen in self.choices else None


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing to ask for. `name` is what invocations carry: ``create``, ``admin quota set``.

    `looks`: it only shows something; every other verb of admins leaves a record in the audit.
    `menu`: under which word a chat lists it that takes few commands side by side.
    """

    name: str
    group: Group
    summary: str
    params: tuple[Param, ...] = ()
    right: Right = Right.MEMBER
    examples: tuple[str, ...] = ()
    looks: bool = False
    menu: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What is typed after the top-level command."""
        words = tuple(self.name.split())
        return words[1:] if self.group is Group.ADMIN else words

    @property
    def command(self) -> str:
        """What is typed: ``/sora-admin quota set``."""
        return f"/{self.group} {' '.join(self.words)}"

    @property
    def usage(self) -> str:
        """The command with its parameters: ``/sora cancel <job>``."""
        typed = (param for param in self.params if param.kind is not Kind.IMAGE)
        shapes = (f"<{p.name}>" if p.required else f"[{p.name}]" for p in typed)
        return " ".join((self.command, *shapes))

    @property
    def text(self) -> Param | None:
        """The parameter that takes the rest of the line."""
        return next((param for param in self.params if param.kind is Kind.TEXT), None)

    def param(self, name: str) -> Param | None:
        """The parameter of that name or alias, in any case."""
        lowered = name.lower()
        return next((param for param in self.params if lowered in param.names), None)


_JOB_HELP = "The job’s id, or its first four characters"
_JOB = Param("job", Kind.JOB, _JOB_HELP, required=True)
_SPAN = Param(
    "period",
    Kind.CHOICE,
    "When; without it, this month",
    aliases=("per",),
    choices=tuple(When),
    synonyms={"today": When.DAY},
)
_FINISHED = replace(_JOB, aliases=("video",), wanted=Wanted.FINISHED)
_PERSON = Param("person", Kind.PERSON, "Who", required=True, aliases=("user", "for"))
_OWNER = replace(_PERSON, help="Who, or a channel", or_channel="channel")
_REASON = Param("reason", Kind.TEXT, "Why, for the record", max=200)
_AMOUNT = Param(
    "amount",
    Kind.NUMBER,
    "How many credits",
    required=True,
    aliases=("credits",),
    min=1,
    max=10_000_000,
)
_UNIT = Param(
    "unit",
    Kind.CHOICE,
    "Of what",
    required=True,
    choices=tuple(Unit),
    synonyms={"video": Unit.VIDEOS, "second": Unit.SECONDS, "credit": Unit.CREDITS},
)
_PERIOD = Param(
    "period",
    Kind.CHOICE,
    "Per what",
    required=True,
    aliases=("per",),
    choices=tuple(Period),
    synonyms={
        "daily": Period.DAY,
        "weekly": Period.WEEK,
        "monthly": Period.MONTH,
        "days": Period.DAY,
        "weeks": Period.WEEK,
        "months": Period.MONTH,
    },
)
_OF_MODEL = Param("model", Kind.MODEL, "Of this model alone", aliases=("m",))
_WHEN = Param(
    "when",
    Kind.START,
    "now, relaxed (cheaper, as slots are free), offpeak, urgent, a time (22:30) or a delay (+2h)",
    choices=("now", Lane.RELAXED.value, OFF_PEAK, Lane.URGENT.value),
    synonyms={"off-peak": OFF_PEAK, "normal": "now", "later": Lane.RELAXED.value},
)
_REQUEST = Param("request", Kind.WORD, "Which wish", required=True)
_SCOPE = Param("what", Kind.SCOPE, "all, a provider or a model; without it, all")
_STYLE = Param(
    "preset",
    Kind.STYLE,
    "A style, see /sora styles; none: without that of the channel",
    choices=(PLAIN,),
    named=True,
)
_STYLE_NAME = Param("name", Kind.STYLE, "Which style", required=True)
_PROMPT_NAME = Param("name", Kind.WORD, "Its name, one word", required=True)
_WHOSE = Param(
    "whose",
    Kind.CHOICE,
    "Yours, or for everybody in this channel (admins and reviewers)",
    aliases=("for",),
    choices=(MINE, OF_CHANNEL),
    synonyms={"my": MINE, "me": MINE},
    named=True,
)
_WHERE = Param(
    "where",
    Kind.CHOICE,
    "Yours, of this channel, or of the whole workspace",
    choices=tuple(Where),
    synonyms={"my": Where.MINE, "all": Where.WORKSPACE, "here": Where.CHANNEL},
)
_LOOKED_FOR = (
    Param("author", Kind.PERSON, "Whose", aliases=("by", "person", "user")),
    _OF_MODEL,
    Param("tag", Kind.WORD, "With this tag"),
    Param("since", Kind.WORD, "Since when: 12h, 7d, 2w or 2026-11-01"),
    Param("until", Kind.WORD, "Until when, the same way"),
    Param("drafts", Kind.FLAG, "Your drafts, which nobody else sees"),
    Param("liked", Kind.FLAG, "What you like"),
    Param("remixable", Kind.FLAG, "What you may remix"),
    Param("order", Kind.CHOICE, "What comes first", choices=tuple(Order)),
)
_WHY = replace(_REASON, help="Why; people are told. After what it is for")

GRAMMAR: tuple[Verb, ...] = (
    Verb(
        "create",
        Group.MEMBER,
        "Make a video",
        (
            Param(
                "prompt",
                Kind.TEXT,
                "What to see and hear: subject, action, setting, camera, light, sound",
                required=True,
                min=1,
                max=MAX_PROMPT,
            ),
            Param("model", Kind.MODEL, "Which model makes it", aliases=("m",)),
            Param(
                "size",
                Kind.SIZE,
                "720x1280, or portrait, landscape, 720p, 9:16",
                aliases=("resolution", "aspect", "ar"),
            ),
            Param(
                "seconds",
                Kind.SECONDS,
                "How long",
                aliases=("s", "sec", "secs", "second", "duration"),
            ),
            Param(
                "count",
                Kind.NUMBER,
                "How many variations of it",
                aliases=("n", "variations"),
                min=1,
                max=MAX_COUNT,
            ),
            Param(
                "fit",
                Kind.CHOICE,
                "A picture of another shape: crop it, or pad it with bars",
                choices=tuple(Fit),
            ),
            Param(IMAGE, Kind.IMAGE, "First frame: attach a picture", aliases=("picture",)),
            Param(LAST, Kind.IMAGE, "Last frame: attach the picture that it ends with"),
            Param(
                REFERENCE,
                Kind.IMAGE,
                "Who or what is to be seen: attach a picture",
                aliases=("references",),
                max=MAX_REFERENCES,
            ),
            Param(
                SOUND,
                Kind.CHOICE,
                "With sound or without, where the model can do both",
                choices=(ON, OFF),
                synonyms={"yes": ON, "no": OFF, "silent": OFF, "mute": OFF},
                aliases=("audio",),
                named=True,
            ),
            Param("private", Kind.FLAG, "Only you see the card and the video"),
            _WHEN,
            _STYLE,
        ),
        examples=(
            "/sora create a red kite over dunes seconds:8 size:portrait",
            "/sora a paper boat in the rain, close-up, soft thunder 8s 720p",
            "/sora create a red kite over dunes when:22:30",
        ),
    ),
    Verb(
        "jobs",
        Group.MEMBER,
        "What was asked for lately, and what came of it",
        (
            Param(
                "which",
                Kind.CHOICE,
                "Whose: mine, all or failed",
                choices=("mine", "all", "failed"),
                synonyms={"my": "mine", "everyone": "all", "failures": "failed"},
            ),
        ),
        examples=("/sora jobs", "/sora jobs failed"),
    ),
    Verb(
        "status",
        Group.MEMBER,
        "How one job is doing; without an id, your newest",
        (Param("job", Kind.JOB, _JOB_HELP),),
        examples=("/sora status", "/sora status k7qm"),
    ),
    Verb(
        "show",
        Group.MEMBER,
        "Post a finished video again, here",
        (_FINISHED,),
        examples=("/sora show k7qm",),
    ),
    Verb(
        "remix",
        Group.MEMBER,
        "Change a finished video; its remixes share one thread",
        (
            replace(_FINISHED, help=f"{_JOB_HELP}; in a thread: none, the newest", required=False),
            Param(
                "prompt",
                Kind.TEXT,
                "What should be different",
                required=True,
                min=1,
                max=MAX_PROMPT,
            ),
            _WHEN,
            _STYLE,
        ),
        examples=("/sora remix k7qm at night, with snow",),
    ),
    Verb(
        EXTEND,
        Group.MEMBER,
        "Let a finished video go on from its end",
        (
            replace(_FINISHED, help=f"{_JOB_HELP}; in a thread: none, the newest", required=False),
            Param(
                "seconds",
                Kind.SECONDS,
                "How many seconds more",
                aliases=("s", "sec", "secs", "second", "duration"),
            ),
            Param(
                "prompt",
                Kind.TEXT,
                "What comes next; without it, the same goes on",
                min=1,
                max=MAX_PROMPT,
            ),
            _WHEN,
            _STYLE,
        ),
        examples=("/sora extend k7qm", "/sora extend k7qm 8s it lands on the highest dune"),
    ),
    Verb(
        "finalize",
        Group.MEMBER,
        "Make a finished video once more with a better model",
        (_FINISHED, _WHEN, _STYLE),
        examples=("/sora finalize k7qm",),
    ),
    Verb(
        "tree",
        Group.MEMBER,
        "Who remixed whose video, as a picture",
        (
            replace(_FINISHED, help=f"{_JOB_HELP}; in a thread: none, the newest", required=False),
            Param(HERE, Kind.FLAG, "Post it for everybody"),
        ),
        examples=("/sora tree k7qm", "/sora tree k7qm here"),
    ),
    Verb(
        "again",
        Group.MEMBER,
        "Make a video once more with the same settings",
        (
            _JOB,
            Param("prompt", Kind.TEXT, "Another prompt, if you like", min=1, max=MAX_PROMPT),
            _WHEN,
            _STYLE,
        ),
        examples=("/sora again k7qm", "/sora again k7qm a blue kite over dunes"),
    ),
    Verb(
        "cancel",
        Group.MEMBER,
        "Stop a job and get its credits back",
        (replace(_JOB, wanted=Wanted.LIVE),),
        examples=("/sora cancel k7qm",),
    ),
    Verb(
        "retry",
        Group.MEMBER,
        "Order anew what ended without a video",
        (
            replace(_JOB, wanted=Wanted.ENDED),
            Param("seconds", Kind.SECONDS, "Another length", aliases=("s", "sec", "secs")),
            Param("model", Kind.MODEL, "Another model", aliases=("m",)),
            Param(
                "most",
                Kind.NUMBER,
                "Credits to pay where another provider has to make it",
                aliases=("for",),
                min=1,
                max=10_000_000,
            ),
        ),
        examples=("/sora retry k7qm", "/sora retry k7qm 4s"),
    ),
    Verb(
        "check",
        Group.MEMBER,
        "Ask the provider again about a job that ended without a video",
        (replace(_JOB, wanted=Wanted.ENDED),),
        examples=("/sora check k7qm",),
    ),
    Verb(
        "drafts",
        Group.MEMBER,
        "Your videos that nobody else sees",
        (Param("deleted", Kind.FLAG, "Those that you deleted and can restore"),),
        examples=("/sora drafts", "/sora drafts deleted"),
    ),
    Verb(
        "publish",
        Group.MEMBER,
        "Let everybody see a video of yours, or change what is told with it",
        (
            replace(_FINISHED, choices=("all",), help=f"{_JOB_HELP}; all: all your drafts"),
            Param("title", Kind.WORD, 'A title, in quotes: "The red kite"'),
            Param("description", Kind.WORD, "What it is about, in quotes", aliases=("about",)),
            Param("tags", Kind.WORD, "Words to find it by, in quotes or with commas"),
            Param(
                "to",
                Kind.WORD,
                "Another channel, or a linked workspace: slack, discord, web or its name",
                aliases=("channel", "in"),
            ),
            Param("sure", Kind.FLAG, "Without being shown first what is looked at"),
            Param("more", Kind.TEXT, "Ids of more drafts", max=200),
        ),
        examples=(
            "/sora publish k7qm",
            '/sora publish k7qm title:"The red kite" tags:dunes,kite',
            "/sora publish all sure",
            "/sora publish k7qm to:slack",
        ),
        menu="video",
    ),
    Verb(
        "unpublish",
        Group.MEMBER,
        "Take a video back from all channels; it is a draft again",
        (_FINISHED,),
        examples=("/sora unpublish k7qm",),
        menu="video",
    ),
    Verb(
        "delete",
        Group.MEMBER,
        "Delete a video everywhere; for 30 days you can have it back",
        (_FINISHED,),
        examples=("/sora delete k7qm",),
        menu="video",
    ),
    Verb(
        "restore",
        Group.MEMBER,
        "Have a deleted video back, as a draft",
        (_FINISHED,),
        examples=("/sora restore k7qm",),
        menu="video",
    ),
    Verb(
        "remixers",
        Group.MEMBER,
        "Who may remix a video of yours, or all of them",
        (
            replace(_FINISHED, choices=(MINE,), help=f"{_JOB_HELP}; mine: all your videos"),
            Param(
                "who",
                Kind.CHOICE,
                "everyone, team, ask (you are asked each time) or nobody; without it, who may",
                choices=tuple(Remixers),
                synonyms={"all": Remixers.EVERYONE, "none": Remixers.NOBODY},
            ),
        ),
        examples=("/sora remixers k7qm nobody", "/sora remixers mine ask"),
        menu="video",
    ),
    Verb(
        "asks",
        Group.MEMBER,
        "Who would like to remix a video of yours, and whom you asked",
        examples=("/sora asks",),
        menu="video",
    ),
    Verb(
        "allow",
        Group.MEMBER,
        "Let somebody remix a video of yours as they asked",
        (_REQUEST, Param("always", Kind.FLAG, "Also whatever else they make of that video")),
        examples=("/sora allow k7qm2x9d4t", "/sora allow k7qm2x9d4t always"),
        menu="video",
    ),
    Verb(
        "decline",
        Group.MEMBER,
        "Say no to somebody who asked for a video of yours",
        (_REQUEST, Param("reason", Kind.TEXT, "Why; they are told", max=MAX_REASON)),
        examples=("/sora decline k7qm2x9d4t I need it as it is",),
        menu="video",
    ),
    Verb(
        "notify",
        Group.MEMBER,
        "Whether you hear of each remix of your videos",
        (Param("when", Kind.CHOICE, "on or off; without it, what holds", choices=(ON, OFF)),),
        examples=("/sora notify off",),
        menu="video",
    ),
    Verb(
        "takedown",
        Group.MEMBER,
        "Ask the admins to take down somebody’s video",
        (
            _FINISHED,
            Param("reason", Kind.TEXT, "Why", required=True, min=1, max=TAKEDOWN_REASON),
        ),
        examples=("/sora takedown k7qm it shows my logo",),
        menu="video",
    ),
    Verb(
        "review list",
        Group.MEMBER,
        "What waits for a reviewer",
        examples=("/sora review list",),
    ),
    Verb(
        "review claim",
        Group.MEMBER,
        "Be the one who decides on a draft",
        (_FINISHED,),
        examples=("/sora review claim k7qm",),
    ),
    Verb(
        "review approve",
        Group.MEMBER,
        "Publish somebody’s draft",
        (_FINISHED,),
        examples=("/sora review approve k7qm",),
    ),
    Verb(
        "review reject",
        Group.MEMBER,
        "Give somebody’s draft back",
        (
            _FINISHED,
            Param("reason", Kind.TEXT, "Why, for its author", required=True, min=1, max=300),
        ),
        examples=("/sora review reject k7qm the logo is wrong",),
    ),
    Verb(
        "library",
        Group.MEMBER,
        "Finished videos to look through, the newest first",
        (_WHERE, *_LOOKED_FOR),
        examples=("/sora library", "/sora library mine", "/sora library by:@ben since:7d"),
    ),
    Verb(
        "search",
        Group.MEMBER,
        "Find videos by words of their prompts, titles, descriptions and tags",
        (
            Param("words", Kind.TEXT, "Words, or how they begin", required=True, max=MAX_PROMPT),
            *_LOOKED_FOR,
        ),
        examples=("/sora search red kite", "/sora search kite since:2w order:best"),
    ),
    Verb(
        "page",
        Group.MEMBER,
        "The next page of a list; its button knows which",
        (_REQUEST,),
        menu="video",
    ),
    Verb(
        "like",
        Group.MEMBER,
        "Say that you like a video; a ⭐ ❤️ 👍 or 🔥 on it does the same",
        (_FINISHED,),
        examples=("/sora like k7qm",),
        menu="video",
    ),
    Verb(
        "unlike",
        Group.MEMBER,
        "Take back that you like a video",
        (_FINISHED,),
        examples=("/sora unlike k7qm",),
        menu="video",
    ),
    Verb(
        "export",
        Group.MEMBER,
        "Where the videos of the library come from, as a file",
        (_WHERE, *_LOOKED_FOR),
        examples=("/sora export mine", "/sora export tag:spring since:2026-11-01"),
        menu="video",
    ),
    Verb(
        "top",
        Group.MEMBER,
        "What people like most, and then what they remix most",
        (
            Param(
                "period",
                Kind.CHOICE,
                "Published in the last week, the last month, or ever",
                aliases=("per",),
                choices=tuple(Lately),
                synonyms={"weekly": Lately.WEEK, "monthly": Lately.MONTH, "ever": Lately.ALL},
            ),
        ),
        examples=("/sora top", "/sora top month"),
        menu="video",
    ),
    Verb(
        "save",
        Group.MEMBER,
        "Save a prompt; /sora create @name orders it",
        (
            _PROMPT_NAME,
            Param("prompt", Kind.TEXT, "The prompt", required=True, min=1, max=MAX_PROMPT),
            _WHOSE,
        ),
        examples=(
            "/sora save dunes a red kite over dunes, slow pan",
            "/sora save dunes a red kite over dunes for:channel",
        ),
        menu="prompt",
    ),
    Verb(
        "prompts",
        Group.MEMBER,
        "What you saved, and what this channel has; with a name, all of it",
        (replace(_PROMPT_NAME, required=False),),
        examples=("/sora prompts", "/sora prompts dunes"),
        menu="prompt",
    ),
    Verb(
        "forget",
        Group.MEMBER,
        "Keep a saved prompt no longer",
        (_PROMPT_NAME, _WHOSE),
        examples=("/sora forget dunes",),
        menu="prompt",
    ),
    Verb(
        "styles",
        Group.MEMBER,
        "Styles to order with, as in preset:noir",
        examples=("/sora styles",),
        menu="prompt",
    ),
    Verb("queue", Group.MEMBER, "What runs, what waits, and when it is your turn"),
    Verb("quota", Group.MEMBER, "What you have left, and when it starts anew"),
    Verb(
        "give",
        Group.MEMBER,
        "Give somebody credits of yours",
        (_PERSON, _AMOUNT, _REASON),
        examples=("/sora give @ben 100 for the storyboard",),
    ),
    Verb(
        "sponsor",
        Group.MEMBER,
        "Pay for the remixes of a video, whoever asks for them, up to a number of credits",
        (
            _FINISHED,
            Param(
                "credits",
                Kind.NUMBER,
                "How many more; 0 takes back what is left",
                required=True,
                min=0,
                max=10_000_000,
            ),
        ),
        examples=("/sora sponsor k7qm 500", "/sora sponsor k7qm 0"),
    ),
    Verb(
        "more",
        Group.MEMBER,
        "Ask the admins for more of what is used up",
        (
            Param("amount", Kind.NUMBER, "How much", min=1, max=1_000_000),
            Param("reason", Kind.TEXT, "Why", max=300),
        ),
        examples=("/sora more", "/sora more 500 for the spring film"),
    ),
    Verb(
        "help",
        Group.MEMBER,
        "This list; with a command, more about it",
        (Param("topic", Kind.TEXT, "A command"),),
        examples=("/sora help create",),
    ),
    Verb(
        "admin quota show",
        Group.ADMIN,
        "The limits of the workspace, or where somebody stands",
        (Param("person", Kind.PERSON, "Whose; without it, all limits", aliases=("user", "for")),),
        Right.ADMIN,
        ("/sora-admin quota show", "/sora-admin quota show @ben"),
        looks=True,
    ),
    Verb(
        "admin quota set",
        Group.ADMIN,
        "Limit what somebody, a role or group, or everyone may make",
        (
            Param(
                "person",
                Kind.PERSON,
                "Who, a role or user group, a channel, everyone each, or the whole workspace",
                required=True,
                aliases=("user", "for"),
                choices=(EVERYONE, WORKSPACE),
                roles=True,
                or_channel="channel",
            ),
            Param(
                "limit",
                Kind.NUMBER,
                "How much; none takes the limit away",
                required=True,
                min=0,
                max=1_000_000,
                choices=(NO_LIMIT,),
                synonyms={"unlimited": NO_LIMIT, "off": NO_LIMIT},
            ),
            _UNIT,
            _PERIOD,
            _OF_MODEL,
            Param("rolling", Kind.FLAG, "Count the last 24 hours, 7 or 30 days instead"),
        ),
        Right.ADMIN,
        (
            "/sora-admin quota set @ben 20 videos per week",
            "/sora-admin quota set everyone 60 seconds per day",
            "/sora-admin quota set @ben none videos per week",
            "/sora-admin quota set #studio 50 videos per day model:sora-2-pro",
            "/sora-admin quota set workspace 90000 credits per month",
        ),
    ),
    Verb(
        "admin quota grant",
        Group.ADMIN,
        "Let somebody use more than a limit of theirs, until it starts anew",
        (
            _PERSON,
            Param("amount", Kind.NUMBER, "How much more", required=True, min=1, max=1_000_000),
            _UNIT,
            _PERIOD,
            _OF_MODEL,
        ),
        Right.ADMIN,
        ("/sora-admin quota grant @ben 5 videos per week",),
    ),
    Verb(
        "admin quota reset",
        Group.ADMIN,
        "Let the limits of somebody start anew now",
        (_PERSON,),
        Right.ADMIN,
        ("/sora-admin quota reset @ben",),
    ),
    Verb(
        "admin quota top",
        Group.ADMIN,
        "Who made most in this day, week or month",
        (replace(_PERIOD, help="In which period; without it, this month", required=False),),
        Right.ADMIN,
        ("/sora-admin quota top", "/sora-admin quota top week"),
        looks=True,
    ),
    Verb(
        "admin budget show",
        Group.ADMIN,
        "What was spent of each budget of real money",
        right=Right.ADMIN,
        examples=("/sora-admin budget show",),
        looks=True,
    ),
    Verb(
        "admin budget set",
        Group.ADMIN,
        "Limit the real money that is spent, with alerts at 50, 75, 90 and 100 %",
        (
            Param(
                "amount",
                Kind.MONEY,
                "US dollars; none takes the budget away",
                required=True,
                aliases=("usd",),
                choices=(NO_LIMIT,),
                synonyms={"unlimited": NO_LIMIT, "off": NO_LIMIT},
            ),
            _PERIOD,
            Param(
                "scope",
                Kind.WORD,
                "A channel or a provider; without it, the whole workspace",
                aliases=("for", "channel", "provider"),
            ),
            Param("reserve", Kind.MONEY, "US dollars of it that are kept for urgent work"),
            Param(
                "role",
                Kind.PERSON,
                "Whose work is urgent; without it, that of admins",
                roles=True,
            ),
        ),
        Right.ADMIN,
        (
            "/sora-admin budget set 500 per month",
            "/sora-admin budget set 40 per day for:#studio",
            "/sora-admin budget set 500 per month reserve:50 role:@leads",
        ),
    ),
    Verb(
        "admin approve",
        Group.ADMIN,
        "Give somebody what they asked for",
        (_REQUEST,),
        Right.ADMIN,
        ("/sora-admin approve k7qm2x9d4t",),
    ),
    Verb(
        "admin deny",
        Group.ADMIN,
        "Say no to what somebody asked for",
        (_REQUEST,),
        Right.ADMIN,
        ("/sora-admin deny k7qm2x9d4t",),
    ),
    Verb(
        "admin takedown list",
        Group.ADMIN,
        "Videos that somebody wants to be taken down",
        right=Right.ADMIN,
        examples=("/sora-admin takedown list",),
        looks=True,
    ),
    Verb(
        "admin takedown yes",
        Group.ADMIN,
        "Take a video out of all channels",
        (_REQUEST, replace(_REASON, help="Why; its author is told. Without it, as was asked")),
        Right.ADMIN,
        ("/sora-admin takedown yes k7qm2x9d4t",),
    ),
    Verb(
        "admin takedown no",
        Group.ADMIN,
        "Keep a video that somebody wants to be taken down",
        (_REQUEST, replace(_REASON, help="Why; whoever asked is told")),
        Right.ADMIN,
        ("/sora-admin takedown no k7qm2x9d4t",),
    ),
    Verb(
        "admin settings",
        Group.ADMIN,
        "How the bot behaves in this workspace",
        (
            Param(
                "name",
                Kind.CHOICE,
                "What to choose; without it, what holds",
                choices=tuple(choice for choice in Choice if choice is not Choice.REVIEWERS),
                synonyms={
                    "timezone": Choice.ZONE,
                    "price": Choice.CONFIRM,
                    "off-peak": Choice.OFF_PEAK,
                },
            ),
            Param(
                "value",
                Kind.WORD,
                "A time zone, credits, hours, off, remixes, all, yes, no, nobody, here, or none",
            ),
        ),
        Right.ADMIN,
        (
            "/sora-admin settings",
            "/sora-admin settings zone Europe/Berlin",
            "/sora-admin settings confirm 300",
            "/sora-admin settings alerts here",
            "/sora-admin settings offpeak 22:00-07:00",
            "/sora-admin settings drafts all",
        ),
    ),
    Verb(
        "admin drafts",
        Group.ADMIN,
        "What begins as a draft in this channel, and whether a reviewer publishes it",
        (
            Param(
                "policy",
                Kind.CHOICE,
                "Which videos: off, remixes or all",
                choices=tuple(DraftPolicy),
            ),
            Param("review", Kind.CHOICE, "yes: a reviewer has to agree", choices=(YES, NO)),
        ),
        Right.ADMIN,
        ("/sora-admin drafts", "/sora-admin drafts all review:yes"),
    ),
    Verb(
        "admin reviewers",
        Group.ADMIN,
        "Who decides on drafts, besides admins",
        (
            Param("person", Kind.PERSON, "Who, or a role", aliases=("user",), roles=True),
            Param("remove", Kind.FLAG, "They no longer do"),
        ),
        Right.ADMIN,
        (
            "/sora-admin reviewers",
            "/sora-admin reviewers @ben",
            "/sora-admin reviewers @ben remove",
        ),
    ),
    Verb(
        "admin link",
        Group.ADMIN,
        "Share videos with another workspace: make a code for its admins, or use theirs",
        (
            Param(CODE, Kind.WORD, "The code of the other workspace; list: those linked already"),
            Param("name", Kind.WORD, "What this workspace is to be called over there"),
        ),
        Right.ADMIN,
        ("/sora-admin link", "/sora-admin link k7qm2x9d4t", "/sora-admin link list"),
        menu="workspace",
    ),
    Verb(
        "admin unlink",
        Group.ADMIN,
        "Share nothing new with another workspace",
        (Param("name", Kind.WORD, "Which, as /sora-admin link list has it", required=True),),
        Right.ADMIN,
        ("/sora-admin unlink slack",),
        menu="workspace",
    ),
    Verb(
        "admin style add",
        Group.ADMIN,
        "Keep a style: words that are added to prompts as they are sent",
        (
            replace(_PROMPT_NAME, help="What it is called, one word"),
            Param("words", Kind.TEXT, "Its words", required=True, min=1, max=MAX_STYLE),
        ),
        Right.ADMIN,
        ("/sora-admin style add noir black and white, hard light, rain on the lens",),
    ),
    Verb(
        "admin style remove",
        Group.ADMIN,
        "Keep a style no longer; what was ordered with it stays as it is",
        (_STYLE_NAME,),
        Right.ADMIN,
        ("/sora-admin style remove noir",),
    ),
    Verb(
        "admin style list",
        Group.ADMIN,
        "All styles in full, and which channels have one",
        right=Right.ADMIN,
        examples=("/sora-admin style list",),
        looks=True,
    ),
    Verb(
        "admin style use",
        Group.ADMIN,
        "Give a channel a style that all orders there take",
        (
            replace(_STYLE_NAME, help="Which style; none: no style", choices=(PLAIN,)),
            Param("channel", Kind.WORD, "Which channel; without it, this one", aliases=("in",)),
        ),
        Right.ADMIN,
        ("/sora-admin style use noir", "/sora-admin style use none #studio"),
    ),
    Verb(
        "admin credits grant",
        Group.ADMIN,
        "Give somebody, or a channel, credits",
        (_OWNER, _AMOUNT, _REASON),
        Right.ADMIN,
        (
            "/sora-admin credits grant @ben 500 for the spring film",
            "/sora-admin credits grant #studio 5000",
        ),
    ),
    Verb(
        "admin credits schedule",
        Group.ADMIN,
        "Let credits come by themselves each day, week or month",
        (
            replace(_OWNER, help="Who, a channel, or everyone", choices=(EVERYONE,)),
            replace(
                _AMOUNT,
                help="How many each time; none ends it",
                choices=(NO_LIMIT,),
                synonyms={"off": NO_LIMIT},
            ),
            replace(_PERIOD, required=False),
            Param(
                "cap",
                Kind.NUMBER,
                "They never lift a balance above this",
                aliases=("most", "max"),
                min=1,
                max=10_000_000,
            ),
            Param("expires", Kind.FLAG, "What is left goes when the next ones come"),
        ),
        Right.ADMIN,
        (
            "/sora-admin credits schedule everyone 500 per week cap:2000",
            "/sora-admin credits schedule #studio 5000 per month expires",
            "/sora-admin credits schedule @ben none",
        ),
    ),
    Verb(
        "admin credits schedules",
        Group.ADMIN,
        "Which credits come by themselves",
        right=Right.ADMIN,
        examples=("/sora-admin credits schedules",),
        looks=True,
    ),
    Verb(
        "admin credits take",
        Group.ADMIN,
        "Take credits back from somebody, or a channel",
        (_OWNER, _AMOUNT, _REASON),
        Right.ADMIN,
        ("/sora-admin credits take @ben 500 granted twice",),
    ),
    Verb(
        "admin credits transfer",
        Group.ADMIN,
        "Move credits from one person or channel to another",
        (
            replace(
                _OWNER, name="source", help="Whose", aliases=("from",), or_channel="source_channel"
            ),
            replace(
                _OWNER, name="target", help="To whom", aliases=("to",), or_channel="target_channel"
            ),
            _AMOUNT,
            _REASON,
        ),
        Right.ADMIN,
        ("/sora-admin credits transfer from @ana to #studio 200",),
    ),
    Verb(
        "admin credits history",
        Group.ADMIN,
        "The newest moves of credits, of somebody, a channel, or all",
        (replace(_OWNER, help="Whose; without it, everybody’s", required=False),),
        Right.ADMIN,
        ("/sora-admin credits history", "/sora-admin credits history @ben"),
        looks=True,
    ),
    Verb(
        "admin credits export",
        Group.ADMIN,
        "Every move of credits and real money, as a file",
        (Param("format", Kind.CHOICE, "Of which kind; without it, csv", choices=tuple(Format)),),
        Right.ADMIN,
        ("/sora-admin credits export", "/sora-admin credits export json"),
        looks=True,
    ),
    Verb(
        "admin refund",
        Group.ADMIN,
        "Give the price of a finished video back to whoever paid",
        (_FINISHED, _REASON),
        Right.ADMIN,
        ("/sora-admin refund k7qm the sound was broken",),
    ),
    Verb(
        "admin threads",
        Group.ADMIN,
        "What a reply in the thread of a video does, in this channel",
        (
            Param(
                "mode",
                Kind.CHOICE,
                "Whom the bot listens to there; without it, what is set",
                choices=tuple(ThreadMode),
                synonyms={
                    "mentions": ThreadMode.MENTION,
                    "on": ThreadMode.THREAD,
                    "replies": ThreadMode.THREAD,
                },
            ),
        ),
        Right.ADMIN,
        ("/sora-admin threads", "/sora-admin threads off"),
        menu="workspace",
    ),
    Verb(
        "admin jobs",
        Group.ADMIN,
        "What everybody asked for, also in private",
        (
            Param(
                "state",
                Kind.CHOICE,
                "Which; without it, those that are not over",
                choices=("live", "unknown", "waiting", "failed", "all"),
                synonyms={"running": "live", "failures": "failed"},
            ),
            replace(_PERSON, help="Whose; without it, everybody’s", required=False),
        ),
        Right.ADMIN,
        ("/sora-admin jobs", "/sora-admin jobs failed @ben"),
        looks=True,
    ),
    Verb(
        "admin pause",
        Group.ADMIN,
        "Take orders but send none, for now",
        (_SCOPE, _WHY),
        Right.ADMIN,
        ("/sora-admin pause", "/sora-admin pause sora-2 the provider has trouble"),
    ),
    Verb(
        "admin drain",
        Group.ADMIN,
        "Take no orders, and make what was accepted",
        (_SCOPE, _WHY),
        Right.ADMIN,
        ("/sora-admin drain", "/sora-admin drain all maintenance at noon"),
    ),
    Verb(
        "admin stop",
        Group.ADMIN,
        "Take no orders, cancel what waits, and ask what runs to stop",
        (_SCOPE, _WHY),
        Right.ADMIN,
        ("/sora-admin stop", "/sora-admin stop sora-2-pro far too dear"),
    ),
    Verb(
        "admin resume",
        Group.ADMIN,
        "Go on after pause, drain or stop",
        (_SCOPE,),
        Right.ADMIN,
        ("/sora-admin resume", "/sora-admin resume sora-2"),
    ),
    Verb(
        "admin block",
        Group.ADMIN,
        "Let somebody look, but order nothing",
        (_PERSON, replace(_REASON, help="Why; they are told")),
        Right.ADMIN,
        ("/sora-admin block @ben too many kites",),
    ),
    Verb(
        "admin unblock",
        Group.ADMIN,
        "Let somebody order again",
        (_PERSON,),
        Right.ADMIN,
        ("/sora-admin unblock @ben",),
    ),
    Verb(
        "admin audit",
        Group.ADMIN,
        "What admins did lately, and what was refused",
        (replace(_PERSON, help="By whom, or about whom; without it, all", required=False),),
        Right.ADMIN,
        ("/sora-admin audit", "/sora-admin audit @ben"),
        looks=True,
    ),
    Verb(
        "admin report",
        Group.ADMIN,
        "What was made and what it cost, with a chart",
        (
            Param(
                "by",
                Kind.CHOICE,
                "By user, channel, model or provider",
                choices=tuple(By),
                synonyms={
                    "person": By.USER,
                    "people": By.USER,
                    "users": By.USER,
                    "channels": By.CHANNEL,
                    "models": By.MODEL,
                    "providers": By.PROVIDER,
                },
            ),
            _SPAN,
        ),
        Right.ADMIN,
        ("/sora-admin report", "/sora-admin report by:model last-month"),
        looks=True,
    ),
    Verb(
        "admin reconcile",
        Group.ADMIN,
        "What providers charge and have, beside what the bot knows",
        (_SPAN,),
        Right.ADMIN,
        ("/sora-admin reconcile last-month",),
        looks=True,
    ),
    Verb(
        "admin unknown",
        Group.ADMIN,
        "Jobs of which nobody knows whether the provider made them",
        right=Right.ADMIN,
        examples=("/sora-admin unknown",),
        looks=True,
    ),
    Verb(
        "admin resolve",
        Group.ADMIN,
        "Settle a job whose outcome is unknown; the provider is asked first",
        (
            replace(_JOB, wanted=Wanted.UNKNOWN),
            Param(
                "outcome",
                Kind.TEXT,
                "not-made, charged, or the provider’s own id of its video; nothing: look once more",
                max=200,
            ),
        ),
        Right.ADMIN,
        (
            "/sora-admin resolve k7qm",
            "/sora-admin resolve k7qm not-made",
            "/sora-admin resolve k7qm video_68d4a1",
        ),
    ),
    Verb(
        "admin models",
        Group.ADMIN,
        "Which models there are, who makes them, what they cost, and which are gone",
        (Param("model", Kind.MODEL, "This one alone; without it, all", aliases=("m",)),),
        Right.ADMIN,
        ("/sora-admin models", "/sora-admin models sora-2"),
        looks=True,
        menu="workspace",
    ),
    Verb(
        "admin doctor",
        Group.ADMIN,
        "What keeps the bot from working, and whether its books add up",
        right=Right.ADMIN,
        examples=("/sora-admin doctor",),
        looks=True,
    ),
)
"""Every verb. A new one is one entry here, one handler and its words."""

_BY_NAME = {verb.name: verb for verb in GRAMMAR}


def on_offer(catalogue: Catalogue) -> frozenset[str]:
    """Which of the things besides words some model on sale takes, by the name of the parameter."""
    taken = {
        IMAGE: any(model.takes_image for model in catalogue),
        "fit": any(model.takes_image for model in catalogue),
        LAST: any(model.takes_last for model in catalogue),
        REFERENCE: any(model.references for model in catalogue),
        SOUND: any(model.switches_sound for model in catalogue),
    }
    return frozenset(name for name, offered in taken.items() if offered)


BESIDE = frozenset({IMAGE, "fit", LAST, REFERENCE, SOUND})
"""Parameters that a chat offers only where `on_offer` has them."""


def verb_named(name: str) -> Verb | None:
    """The verb that invocations carry as `name`."""
    return _BY_NAME.get(name)
