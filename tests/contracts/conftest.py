"""Fixtures of these tests."""

from tests.fakes.stores import store, store_url

__all__ = ["store", "store_url"]
