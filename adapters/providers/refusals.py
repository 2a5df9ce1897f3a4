"""What an error body says, whatever its shape, and which failure of ours it is.

Pure. The order of belief: the error's type, then its code, then the HTTP status, then its words.
Words and codes are from the error tables of OpenAI, Azure, LiteLLM, vLLM-Omni, SGLang, new-api,
OpenRouter, Google and xAI as of November 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from bot.domain.webhooks import PATH
from bot.errors import (
    AssetExpired,
    BadCredentials,
    Billing,
    ConcurrencyLimited,
    InvalidRequest,
    JobNotFound,
    ModelRetired,
    Moderated,
    ProviderError,
    RateLimited,
    Transient,
    Unsupported,
)

MAX_MESSAGE = 300
"""Characters of a backend's words that are kept."""
_MIN_KEY = 6
"""A shorter key is no secret, and hiding it would riddle every sentence."""
_READ = 4000
_DEPTH = 3
_SIGNED = re.compile(r"(https?://[^\s?#]{1,500})[?#]\S+")
_QUOTE = re.compile(r"litellm\.\w{1,60}: (\w{1,60}: )?\w{1,60}Exception( \w{1,60})? - (?=\{)")
"""How LiteLLM begins a sentence that quotes the server behind it."""
_TOLD_AT = re.compile(PATH.strip("/").replace("/", r"(?:\\?/|%2F)") + r"\S*", re.IGNORECASE)
"""What follows may be the secret of an address at which backends tell."""

Kind = type[ProviderError]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error body in one shape. `fields` is the error object itself, for its hints."""

    type: str = ""
    code: str = ""
    message: str = ""
    fields: Json = field(default_factory=dict[str, Any])

    @property
    def number(self) -> int | None:
        """The code as an HTTP status, where gateways put one (``"429"``, ``400``)."""
        return int(self.code) if re.fullmatch("[45][0-9]{2}", self.code) else None


def parse(body: bytes) -> object:
    """A JSON body as a value; None for anything else."""
    try:
        return cast("object", json.loads(body))
    except (ValueError, RecursionError):
        return None


def as_object(value: object) -> Json:
    """A JSON object as it is, anything else as an empty one."""
    return cast("Json", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """A JSON array as it is, anything else as an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []


def tidy(text: str, secret: str = "") -> str:
    """A backend's words in one line: cut, printable, without keys and what signs links."""
    hidden = text.replace(secret, "***") if len(secret) >= _MIN_KEY else text
    hidden = _TOLD_AT.sub("***", _SIGNED.sub(r"\1", hidden))
    words = hidden[:_READ].encode("utf-8", "replace").decode()
    line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return line if len(line) <= MAX_MESSAGE else f"{line[: MAX_MESSAGE - 1]}…"


def read_refusal(body: bytes, secret: str = "") -> Refusal:
    """The refusal in an error body; plain text and web pages give their words."""
    data = parse(body)
    if data is None:
        # Hidden before the page is cut: half a key must not show either.
        hidden = body.replace(secret.encode(), b"***") if len(secret) >= _MIN_KEY else body
        return Refusal(message=tidy(_page_words(hidden), secret))
    return refusal_in(data, secret)


def refusal_in(data: object, secret: str = "", depth: int = _DEPTH) -> Refusal:
    """The refusal in a JSON value.

    Knows ``{"error": {…}}``, ``{"error": "…"}``, flat ``{code, message}``, ``{"detail": …}``,
    a list of one of these, a bare string, and one of these quoted in LiteLLM's words.
    """
    if isinstance(data, str):
        return Refusal(message=tidy(data, secret))
    items = as_list(data)
    if items:
        return refusal_in(items[0], secret, depth - 1) if depth else Refusal()
    fields = as_object(data)
    for name in ("error", "detail", "errors"):
        inner = fields.get(name)
        if inner and depth and isinstance(inner, (str, dict, list)):
            return _merged(fields, refusal_in(cast("object", inner), secret, depth - 1), secret)
    if depth and (quote := _quote_in(fields.get("message"))):
        # Its own type and code follow from the status alone, and hide what was said.
        said = refusal_in(quote, secret, depth - 1)
        return said if said.message else _flat(fields, secret)
    return _flat(fields, secret)


def quoted(data: object) -> Json:
    """The answer of another server that an error quotes in its words; empty when there is none."""
    return _quote_in(as_object(as_object(data).get("error")).get("message"))


def _quote_in(message: object) -> Json:
    """Only right after the gateway's own words: further on may stand what people wrote."""
    begins = _QUOTE.match(message) if isinstance(message, str) else None
    if not isinstance(message, str) or begins is None:
        return {}
    try:
        return as_object(json.JSONDecoder().raw_decode(message, begins.end())[0])
    except (ValueError, RecursionError):
        return {}


def _flat(fields: Json, secret: str) -> Refusal:
    message = next(
        (fields[name] for name in ("message", "msg", "error_message") if fields.get(name)), ""
    )
    return Refusal(
        type=_word(fields.get("type") or fields.get("error_type") or _reason(fields)),
        code=_word(fields.get("code") or fields.get("title")),
        message=tidy(message if isinstance(message, str) else "", secret),
        fields=fields,
    )


def _reason(fields: Json) -> object:
    """What the details of an error of Google's name; one that asks for a wait is about rates."""
    details = [as_object(one) for one in as_list(fields.get("details"))]
    if any("retryDelay" in one for one in details):
        return "rate_limit"
    return next((one["reason"] for one in details if one.get("reason")), None)


def _merged(outer: Json, inner: Refusal, secret: str) -> Refusal:
    """What the inner object leaves open may stand around it."""
    flat = _flat(outer, secret)
    return Refusal(
        inner.type or flat.type,
        inner.code or flat.code,
        inner.message or flat.message,
        {**outer, **inner.fields, "message": inner.message or flat.message},
    )


def _word(value: object) -> str:
    """A code as one lower-case word; codes come as text, numbers or null."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    if isinstance(value, int) and abs(value) >= 10**9:
        return ""
    return re.sub(r"[\s-]+", "_", str(value)[:100].strip().lower())


def _page_words(body: bytes) -> str:
    """The words of a web page or text, the tags dropped."""
    text = body[:_READ].decode("utf-8", "replace")
    text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|\Z)", " ", text)
    return re.sub(r"<[^<>]*>", " ", text)


# --- which failure it is ------------------------------------------------------------------

_NAMES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(names, re.VERBOSE))
    for kind, names in (
        (
            Moderated,
            """moderation.* | .*moderation_(blocked|failed) | content_policy.* | content_filter.*
            | sentinel_block | nsfw.* | safety.* | responsible_ai.* | .*_content_policy_violation
            | policy_violation | sensitive_content.*""",
        ),
        (
            Billing,
            """insufficient_(user_)?quota | insufficient_(balance|credits?|funds) | billing_.*
            | credit_balance_.* | (organization|project)_(spend|usage)_limit_exceeded
            | payment_required | out_of_credits | quota_not_enough | arrearage
            | pre_consume_token_quota_failed""",
        ),
        (ConcurrencyLimited, "concurren.* | .*_concurrency_.* | too_many_(running|concurrent)_.*"),
        (
            ModelRetired,
            """model_(not_found|retired|deprecated|not_available|discontinued) | .*model_not_found
            | deployment_?not_?found | unknown_model | invalid_model""",
        ),
        (
            BadCredentials,
            """(invalid|incorrect|expired|missing)_api_key.* | authentication_(error|failed)
            | invalid_authentication | unauthori[sz]ed | permission_(denied|error)
            | account_(deactivated|disabled) | unsupported_country.* | invalid_token
            | phone_number_required | access_denied | api_key_invalid""",
        ),
        (
            JobNotFound,
            """not_found | (video|task|job|generation)_(not_found|not_exists?|does_not_exist)
            | fail_to_fetch_task""",
        ),
        (AssetExpired, "expired | (video|content|asset|file)_(expired|deleted|gone)"),
        (
            Unsupported,
            "not_implemented(_error)? | notimplementederror | (operation|endpoint)_not_supported",
        ),
        (
            RateLimited,
            """rate_limit.* | slow_down | too_many_requests | throttl.* | resource_exhausted
            | requests""",
        ),
    )
)
"""Types and codes that leave no doubt."""

_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(words, re.VERBOSE | re.IGNORECASE))
    for kind, words in (
        (
            Moderated,
            r"""moderation | content[ _]polic | (usage|safety)[ _]polic | safety[ ]system
            | sentinel_block | \bnsfw\b | blocked[ ]by[ ](our[ ])?(safety|content)
            | sensitive[ ]content""",
        ),
        (
            Billing,
            r"""(insufficient|exhausted|not[ ]enough)[ _](user[ _])?(quota|balance|credits?|funds)
            | exceeded[ ]your[ ]current[ ]quota | billing[ ]hard[ ]limit
            | (credit[ ]balance|spend)[ ](is[ ]too[ ]low|limit) | spending[ ](limit|cap)
            | (not|n't)[ ]have[ ]enough[ ](credits|balance|funds)
            | used[ ]all[ ]available[ ]credits | credits[ ]are[ ]depleted""",
        ),
        (
            ConcurrencyLimited,
            r"""too[ ]many[ ](running|concurrent|active|parallel)
            | concurren\w*[ ](\w+[ ]){0,2}(limit|reached)
            | (limit|maximum)[ ](number[ ])?(of[ ])?concurren""",
        ),
        (
            ModelRetired,
            r"""model_not_found | \bmodel\b.{0,120}\b(does[ ]not[ ]exist|not[ ]found
            | (has[ ]been|was|is|been)[ ](\w+[ ])?(retired|deprecated|discontinued|shut[ ]down)
            | no[ ]longer[ ](available|supported|exists?))
            | \bno[ ]such[ ]model\b | invalid[ ]model[ ]name[ ]passed""",
        ),
        (BadCredentials, r"(invalid|incorrect|missing|wrong)[ ]api[ _-]?key"),
        (
            Unsupported,
            r"not[ ](yet[ ])?implemented | notimplemented(error)? | is[ ]not[ ]supported[ ]by",
        ),
    )
)
"""What is recognised in sentences, once neither names nor status decide."""

_BY_STATUS: Mapping[int, Kind] = {
    401: BadCredentials,
    402: Billing,
    405: Unsupported,
    413: InvalidRequest,
    415: InvalidRequest,
    425: Transient,
    501: Unsupported,
}
_DEFAULTS: Mapping[int, Kind] = {
    403: BadCredentials,
    404: JobNotFound,
    408: Transient,
    409: Transient,
    410: AssetExpired,
    429: RateLimited,
}
_FIRST_SERVER_ERROR = 500


def kind_by_name(refusal: Refusal) -> Kind | None:
    """The failure that type or code name beyond doubt."""
    names = (refusal.type, refusal.code)
    return next((kind for name in names if name for kind in _matches(_NAMES, name)), None)


def kind_by_words(refusal: Refusal) -> Kind | None:
    """The failure that the sentence speaks of."""
    found = (kind for kind, words in _WORDS if words.search(refusal.message))
    return next(found, None)


def _matches(table: tuple[tuple[Kind, re.Pattern[str]], ...], name: str) -> Iterator[Kind]:
    return (kind for kind, names in table if names.fullmatch(name))


def classify(refusal: Refusal, status: int) -> Kind:
    """The failure that an answer with an error status is.

    5xx is `Transient` unless its body names another reason; the caller knows whether that can be
    believed for its operation.
    """
    named = kind_by_name(refusal)
    if named:
        return named
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    spoken = kind_by_words(refusal)
    if spoken:
        return spoken
    if status >= _FIRST_SERVER_ERROR:
        return Transient
    return _DEFAULTS.get(status, InvalidRequest)
