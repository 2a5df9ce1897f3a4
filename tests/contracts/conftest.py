"""Fixtures of these tests."""

from tests.fakes.postgres import postgres, postgres_url
from tests.fakes.stores import store, store_url

__all__ = ["postgres", "postgres_url", "store", "store_url"]
