"""Which server it is and what it can do, from how it answers harmless questions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from adapters.providers.http import Answer
from adapters.providers.openai_videos.wire import items_in
from adapters.providers.refusals import Json, as_list, as_object, parse, read_refusal, tidy
from bot.domain.probes import Door, ErrorShape, Probe, Reason, Sign

_MODELS = 50
_LONGEST_NAME = 200
_UNAUTHORIZED = frozenset({401, 403})
_WRONG_METHOD = 405
_NO_ROUTE = frozenset({404, 405, 501})
_PLACE = re.compile(r"\b(GET|DELETE|HEAD)\b|/\S*")
"""Method and path, which differ from question to question."""

_HOSTS: Mapping[str, str] = {
    ".openai.azure.com": "azure",
    ".services.ai.azure.com": "azure",
    ".cognitiveservices.azure.com": "azure",
    ".laozhang.ai": "laozhang",
    ".api.openai.com": "openai",
}
_HEADERS: Mapping[str, str] = {
    "x-litellm-": "litellm",
    "x-new-api-version": "new-api",
    "x-oneapi-request-id": "new-api",
    "apim-request-id": "azure",
}
"""Beginnings of the names of headers."""
_CARD_OF_SGLANG = ("task_type", "pipeline_class", "num_gpus")
_ERROR_KEYS = frozenset({"message", "type", "param", "code"})
_LIST_KEYS = frozenset({"object", "data", "first_id", "last_id", "has_more"})
_MAKES_VIDEO = re.compile(
    r"""sora|veo|video|kling|seedance|wan[-_.\d]|hailuo|hunyuan|ltx|cogvideo|t2v|i2v|omni-flash
    |runway|gen-?[34]|luma|ray-?[23]|pika|mochi|vidu|happyhorse|minimax""",
    re.VERBOSE | re.IGNORECASE,
)
"""Names of models that make videos (November 2026), where servers also sell others."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Answers to the questions; None where nothing came.

    `nonsense` asked for a path that nobody has, the others named a job that nobody made. `about`
    is the server's description of itself. `header` is where the key was taken from.
    """

    url: str
    host: str
    door: Door
    header: str
    nonsense: Answer | None
    fetch: Answer | None
    content: Answer | None
    listing: Answer | None
    delete: Answer | None
    remix: Answer | None
    models: Answer | None
    about: Answer | None
    health: Answer | None
    secret: str = ""


def recognized(heard: Heard) -> Probe:
    """What all answers together say."""
    profile, reasons = _profile(heard)
    return Probe(
        url=heard.url,
        door=heard.door,
        profile=profile,
        reasons=reasons,
        operations=_operations(heard),
        errors=_shape(heard.fetch),
        models=_models(heard),
        simulated=_object(heard.health).get("simulated") is True,
    )


def refuses(answer: Answer | None) -> bool:
    """Whether an answer is about the key."""
    return answer is not None and answer.status in _UNAUTHORIZED


# --- who it is ------------------------------------------------------------------------------


def _profile(heard: Heard) -> tuple[str, tuple[Reason, ...]]:
    """The profile of the first sign, with all signs that say the same."""
    signs = list(_signs(heard))
    if not signs:
        return "custom", (_stranger(heard),)
    profile = signs[0][0]
    return profile, tuple(dict.fromkeys(reason for name, reason in signs if name == profile))


def _stranger(heard: Heard) -> Reason:
    """OpenRouter, and who copies it, has the paths of the contract and takes other orders there."""
    by_name = f".{heard.host}".endswith(".openrouter.ai")
    by_error = _is_numbered(heard) and "type" not in as_object(_object(heard.fetch).get("error"))
    return Reason(Sign.RELATIVE, "OpenRouter") if by_name or by_error else Reason(Sign.NONE)


def _signs(heard: Heard) -> Iterator[tuple[str, Reason]]:
    """Signs and whose they are, the surest first."""
    for end, name in _HOSTS.items():
        if f".{heard.host}".endswith(end):
            yield name, Reason(Sign.HOST, heard.host)
    for header in _headers(heard):
        for begin, name in _HEADERS.items():
            if header.startswith(begin):
                yield name, Reason(Sign.HEADER, header)
    yield from _described(heard)
    yield from _sold(heard)
    yield from _refused(heard)
    if heard.door is Door.FITS and heard.header == "api-key":
        yield "azure", Reason(Sign.KEY, heard.header)
    if _is_whole(heard):
        yield "openai", Reason(Sign.CONTRACT)


def _headers(heard: Heard) -> list[str]:
    """Names of the headers of two answers, small."""
    answers = (answer for answer in (heard.fetch, heard.models) if answer)
    return sorted({name.lower() for answer in answers for name in answer.headers})


def _described(heard: Heard) -> Iterator[tuple[str, Reason]]:
    about = _object(heard.about)
    title = as_object(about.get("info")).get("title")
    if isinstance(title, str) and "litellm" in title.lower():
        yield "litellm", Reason(Sign.TITLE, tidy(title, heard.secret))
    if any(path.endswith("/videos/sync") for path in as_object(about.get("paths"))):
        yield "vllm-omni", Reason(Sign.ROUTE, "/videos/sync")


def _sold(heard: Heard) -> Iterator[tuple[str, Reason]]:
    for card in map(as_object, _items(heard.models)):
        owner = card.get("owned_by")
        if isinstance(owner, str) and owner.lower().startswith("vllm"):
            yield "vllm-omni", Reason(Sign.MODELS, f"owned_by {tidy(owner, heard.secret)}")
        if found := [name for name in _CARD_OF_SGLANG if name in card]:
            yield "sglang", Reason(Sign.MODELS, found[0])


def _refused(heard: Heard) -> Iterator[tuple[str, Reason]]:
    body = _object(heard.fetch)
    if body.get("code") == "task_not_exist":
        yield "new-api", Reason(Sign.ERROR, "task_not_exist")
    error = as_object(body.get("error"))
    if _is_numbered(heard) and set(error) >= _ERROR_KEYS:
        yield "vllm-omni", Reason(Sign.ERROR, f"the number {error['code']}")


def _is_numbered(heard: Heard) -> bool:
    """Whether the code of an error is its HTTP status, as a number."""
    code = as_object(_object(heard.fetch).get("error")).get("code")
    return isinstance(code, int) and heard.fetch is not None and code == heard.fetch.status


def _is_whole(heard: Heard) -> bool:
    """Whether list and error have every field of the published contract."""
    listing = heard.listing is not None and heard.listing.good
    error = as_object(_object(heard.fetch).get("error"))
    return listing and set(_object(heard.listing)) >= _LIST_KEYS and set(error) >= _ERROR_KEYS


# --- what it can do -------------------------------------------------------------------------


def _operations(heard: Heard) -> Mapping[str, bool | None]:
    """The server's own description counts most; what it does not say, the answers do."""
    seen: dict[str, bool | None] = {
        "create": None,
        "fetch": _there(heard, heard.fetch),
        "content": _there(heard, heard.content),
        "list": _lists(heard),
        "delete": _there(heard, heard.delete),
        "remix": _takes_posts(heard),
        "extend": None,
    }
    return {**seen, **_routes(heard)}


def _there(heard: Heard, answer: Answer | None) -> bool | None:
    """Whether a route answered, and not the lack of one."""
    if answer is None or refuses(answer) or heard.nonsense is None:
        return None
    if answer.status not in _NO_ROUTE:
        return not _like(answer, heard.nonsense)
    return answer.status not in {_WRONG_METHOD, 501} and not _like(answer, heard.nonsense)


def _like(answer: Answer, nonsense: Answer) -> bool:
    """Whether both say the same but for the place that was asked for."""
    return answer.status == nonsense.status and _said(answer) == _said(nonsense)


def _said(answer: Answer) -> tuple[str, str, str]:
    refusal = read_refusal(answer.body)
    return refusal.type, refusal.code, _PLACE.sub("", refusal.message)


def _lists(heard: Heard) -> bool | None:
    if heard.listing is not None and heard.listing.good:
        return items_in(parse(heard.listing.body)) is not None
    # A list that fails may still be one: gateways pass on what stands behind them.
    return False if _there(heard, heard.listing) is False else None


def _takes_posts(heard: Heard) -> bool | None:
    """The question was a GET: "wrong method" tells of a route for POST."""
    if heard.remix is not None and heard.remix.status == _WRONG_METHOD:
        return True
    others = (heard.delete, heard.listing)
    tells = any(answer is not None and answer.status == _WRONG_METHOD for answer in others)
    return False if tells and _there(heard, heard.remix) is False else None


def _routes(heard: Heard) -> dict[str, bool]:
    """What the description says, if it has the contract's routes at all."""
    paths = as_object(_object(heard.about).get("paths"))
    found = {_place(path): set(as_object(methods)) for path, methods in paths.items()}
    if "post" not in found.get("/videos", set[str]()):
        return {}
    wanted = {
        "create": ("/videos", "post"),
        "fetch": ("/videos/{}", "get"),
        "content": ("/videos/{}/content", "get"),
        "list": ("/videos", "get"),
        "delete": ("/videos/{}", "delete"),
        "remix": ("/videos/{}/remix", "post"),
        "extend": ("/videos/extensions", "post"),
    }
    return {name: method in found.get(path, ()) for name, (path, method) in wanted.items()}


def _place(path: str) -> str:
    """A path from ``/videos`` on, whatever its parameters are called; of two versions the last."""
    at = path.find("/videos")
    return re.sub(r"\{[^}]*\}", "{}", path[at:]) if at >= 0 else path


def _shape(answer: Answer | None) -> ErrorShape:
    body = _object(answer)
    if isinstance(body.get("error"), dict):
        return ErrorShape.NESTED
    if "detail" in body:
        return ErrorShape.DETAIL
    return ErrorShape.FLAT if "code" in body and "message" in body else ErrorShape.OTHER


def _models(heard: Heard) -> tuple[str, ...]:
    """Names that can be ordered: those of videos, or all where none looks like one."""
    cards = map(as_object, _items(heard.models))
    names = [name for card in cards if (name := _name(card, heard.secret))]
    videos = [name for name in names if _MAKES_VIDEO.search(name)]
    return tuple(dict.fromkeys(videos or names))[:_MODELS]


def _name(card: Json, secret: str) -> str:
    name = card.get("id")
    usable = isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME and name.isprintable()
    return tidy(cast("str", name), secret) if usable else ""


def _items(answer: Answer | None) -> list[object]:
    found = items_in(parse(answer.body)) if answer and answer.good else None
    return as_list(found)


def _object(answer: Answer | None) -> Json:
    return as_object(parse(answer.body)) if answer else {}
