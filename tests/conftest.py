"""What every test shares: how hard hypothesis looks, where files go, doors closed to the outside.

Connections to other machines are refused by pytest-socket (see addopts in pyproject.toml);
here the look-up of their names is refused too.
"""

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.oracle import session as oracle

# Here, since a server for a whole session is one for each conftest that brings it.
pytest_plugins = ["tests.fakes.postgres", "tests.fakes.statements"]

# Shared machines stall; pytest-timeout watches the whole test instead.
settings.register_profile("dev", deadline=None, max_examples=60, stateful_step_count=40)
# The same examples on every machine, so a red build is about the change and not about luck.
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=300,
    stateful_step_count=60,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


# Nothing of a test outlives the machine, so none needs to wait for a disk.
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder there that nobody else may open
ROOM = 2**30
"""Bytes that must be free there."""


def pytest_addoption(parser: pytest.Parser) -> None:
    oracle.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    oracle.begin(config)
    if _has_room(MEMORY):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def _has_room(folder: Path) -> bool:
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return False
    found = os.statvfs(folder)
    # Some tests write programs, and run them.
    return found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC


def pytest_sessionfinish(session: pytest.Session) -> None:
    oracle.finish(session)


def _needs_no_name_server(host: str | bytes | None) -> bool:
    if host is None or host in {"", b"", "localhost", b"localhost"}:
        return True
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return True


@pytest.fixture(autouse=True, scope="session")
def names_stay_local() -> Iterator[None]:
    """Refuse to look up any name but localhost, at once instead of after a time-out."""
    look_up = socket.getaddrinfo

    def look_up_local_names(
        host: str | bytes | None, port: str | int | None, *details: int, **named_details: int
    ) -> object:
        if not _needs_no_name_server(host):
            raise socket.gaierror(socket.EAI_NONAME, f"a test asked for the address of {host!r}")
        return look_up(host, port, *details, **named_details)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up_local_names)
        yield
