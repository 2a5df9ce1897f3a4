"""What can be wrong with an account of a video backend, as far as a look can tell."""

from __future__ import annotations

from enum import StrEnum


class Ailment(StrEnum):
    """What keeps an account from working, or will."""

    NO_NAME = "no_name"
    """Its host is unknown."""
    TLS = "tls"
    SILENT = "silent"
    NO_KEY = "no_key"
    WRONG_KEY = "wrong_key"
    UNVERIFIED = "unverified"
    UNPAID = "unpaid"
    REGION = "region"
    CLOSED = "closed"
    """The service itself is gone."""
    PAGE = "page"
    """A web page answers, and no API."""
    NO_ROUTES = "no_routes"
    """An API answers, but not this one."""
    BROKEN = "broken"
    """It answers with faults of its own."""
