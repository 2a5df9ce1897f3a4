"""Reads the arguments of a call, however they travelled."""

import base64

from aiohttp import web

from tests.fakes.slack_server.payloads import Json, Object, is_object, parsed
from tests.fakes.slack_server.problem import invalid

# In a query or a form these travel as JSON.
STRUCTURED = {"blocks", "view", "files", "metadata", "attachments", "file_ids", "loading_messages"}


async def read_arguments(http: web.Request) -> tuple[Object, set[str]]:
    """Query, form, JSON and what the app proves itself with, and which ways there were."""
    found = _credentials(http)
    ways: set[str] = set()
    if http.query:
        ways.add("query")
        found |= {name: _decoded(name, value) for name, value in http.query.items()}
    if http.content_type == "application/json" and http.body_exists:
        ways.add("json")
        found |= _object(await http.text())
    elif http.body_exists and (form := await http.post()):
        ways.add("form")
        found |= {name: _decoded(name, str(value)) for name, value in form.items()}
    return found, ways


def _credentials(http: web.Request) -> Object:
    """The app's own id and secret, which travel as HTTP's Basic authentication."""
    kind, _, sent = http.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return {}
    name, _, secret = base64.b64decode(sent).decode().partition(":")
    return {"client_id": name, "client_secret": secret}


def _object(text: str) -> Object:
    body = parsed(text)
    if not is_object(body):
        raise invalid("json_not_object", text[:200])
    return {name: value for name, value in body.items() if value is not None}


def _decoded(name: str, value: str) -> Json:
    if name not in STRUCTURED:
        return value
    found = parsed(value)
    if found is None:
        raise invalid("invalid_arguments", f"{name} is no JSON")
    return found
