"""How tests name requests: `PATCH /channels/*/messages/*`, where * is one step of the path."""

import re
from functools import cache


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    method, _, path = pattern.partition(" ")
    steps = re.escape(path).replace(r"\*\*", ".*").replace(r"\*", "[^/]+")
    verb = re.escape(method).replace(r"\*", "[A-Z]+")
    return re.compile(f"{verb} {steps}")


def fits(pattern: str, method: str, path: str) -> bool:
    """Whether a request is meant. `**` is the rest of the path, `*` as method is any."""
    return _compiled(pattern).fullmatch(f"{method} {path}") is not None
