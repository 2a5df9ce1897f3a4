"""The door: who may come in, from which page, and what browsers are told to be careful about."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
COOKIE = "sora_web"
COOKIE_LIFE = 30 * 24 * 60 * 60
"""Seconds until the token is asked for again."""
MAX_BODY = 25_000_000
"""Bytes of one request: a picture and its wrapping."""
LOGIN = "/login"
OPEN = ("/healthz", "/readyz", "/media/", "/assets/", "/slack/", "/webhooks/", LOGIN)
"""Paths that need no token: they tell nothing, or ask for a signature of their own."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    # The page framework compiles its templates in the browser and starts from inline scripts.
    "Content-Security-Policy": "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may come in. `token` is asked of everyone when it is not empty.

    Without one only `hosts` are answered: another site cannot pretend to be this machine by
    pointing its own name here.
    """

    token: str
    hosts: frozenset[str]

    @property
    def pass_word(self) -> str:
        """What the cookie holds: proves the token without being it."""
        return hmac.new(self.token.encode(), b"web chat cookie", hashlib.sha256).hexdigest()

    def is_token(self, given: str) -> bool:
        """Compares in constant time."""
        return bool(self.token) and hmac.compare_digest(given.encode(), self.token.encode())

    def let_in(self, headers: Headers) -> bool:
        """Whether a request carries our cookie."""
        given = _cookie(headers.get("cookie", ""))
        return hmac.compare_digest(given.encode(), self.pass_word.encode())

    def knows_host(self, headers: Headers) -> bool:
        """Whether the request was meant for us."""
        return bool(self.token) or hostname(headers.get("host", "")) in self.hosts


def hostname(authority: str) -> str:
    """``localhost`` of ``localhost:8080``; empty when it is no host."""
    try:
        return (urlsplit(f"//{authority}").hostname or "").lower()
    except ValueError:
        return ""


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def same_origin(headers: Headers) -> bool:
    """Whether a request comes from our own page, or from no page at all."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


class Guard:
    """Stands before the application. Answers 400, 401, 403 or 413 itself."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, web socket or lifespan."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        answer = self._refusal(scope, Headers(scope=scope))
        if answer is None:
            await self.app(scope, receive, _careful(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, _careful(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if not self._rules.knows_host(headers):
            return PlainTextResponse("This is not the host you asked for.", 400)
        reads = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        if not reads and not same_origin(headers):
            return PlainTextResponse("Only this server's own pages may do that.", 403)
        if not _fits(scope, headers):
            return PlainTextResponse(f"At most {MAX_BODY} bytes, and say how many.", 413)
        if scope["path"].startswith(OPEN) or not self._rules.token:
            return None
        if self._rules.let_in(headers) and not (reads and b"token=" in scope["query_string"]):
            return None
        return self._ask(scope)

    def _ask(self, scope: Scope) -> Response:
        """Whoever comes with the token in the address gets the cookie and a clean address."""
        if scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("A token is needed.", 401)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if not any(name == "token" and self._rules.is_token(text) for name, text in query):
            return RedirectResponse(LOGIN, 303)
        rest = urlencode([pair for pair in query if pair[0] != "token"])
        response = RedirectResponse(_here(scope["path"]) + (f"?{rest}" if rest else ""), 303)
        welcome(response, self._rules, secure=scope["scheme"] == "https")
        return response


def _here(path: str) -> str:
    """A path that a browser cannot read as another host."""
    return "/" + path.lstrip("/\\")


def welcome(response: Response, rules: Rules, *, secure: bool) -> None:
    """Give the cookie that lets its bearer in."""
    response.set_cookie(
        COOKIE,
        rules.pass_word,
        max_age=COOKIE_LIFE,
        httponly=True,
        secure=secure,
        samesite="lax",
    )


def _fits(scope: Scope, headers: Headers) -> bool:
    """Bodies say their length, and it is one we take."""
    if scope["type"] == "websocket" or scope["method"] in {"GET", "HEAD"}:
        return True
    length = headers.get("content-length", "")
    return length.isascii() and length.isdigit() and int(length) <= MAX_BODY


def _careful(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
