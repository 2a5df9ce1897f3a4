"""Other people's servers, run for real. `make litellm` says where they are; without it, none is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateways.litellm import PROGRAM, Proxy, proxy_in

collect_ignore_glob = [] if PROGRAM else ["test_*.py"]


@pytest.fixture(scope="session")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """LiteLLM's proxy; it takes twenty seconds to start, so there is one for all tests."""
    with proxy_in(tmp_path_factory.mktemp("litellm")) as running:
        yield running
