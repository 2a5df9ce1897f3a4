"""Each job is asked about at its own account, and no key goes where it does not belong."""

from __future__ import annotations

import pytest

from adapters.providers.accounts import Accounts, Home
from bot.domain.jobs import Offer
from bot.ports import VideoProvider
from tests.fakes.clock import FakeClock
from tests.fakes.provider import FakeProvider

A, B = "https://a.example/v1", "https://b.example/v1"


class Doors:
    """Who was connected to where, and with whose key."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, str, bool]] = []

    def home(self, provider: str, account: str, url: str) -> Home:
        name = f"{provider}/{account}"

        def connect(address: str, with_key: bool) -> VideoProvider:  # noqa: FBT001 - shape of `Connect`
            self.opened.append((name, address, with_key))
            return FakeProvider(FakeClock(), name)

        return Home(provider, account, url, connect)


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture
def accounts(doors: Doors) -> Accounts:
    homes = [("main", "one", A), ("main", "two", A), ("backup", "one", B)]
    return Accounts([doors.home(*home) for home in homes])


def offer(provider: str, account: str, url: str) -> Offer:
    return Offer(provider, account, url, "sora-2", 80)


@pytest.mark.parametrize(
    "wanted", [("main", "one", A), ("main", "two", A), ("backup", "one", B)], ids="/".join
)
def test_an_account_of_today_is_asked_with_its_own_key(
    doors: Doors, accounts: Accounts, wanted: tuple[str, str, str]
) -> None:
    provider, account, url = wanted
    assert accounts.of(offer(*wanted)) is accounts.of(offer(*wanted))
    assert doors.opened == [(f"{provider}/{account}", url, True)]


def test_an_address_that_nobody_has_any_more_gets_no_key(doors: Doors, accounts: Accounts) -> None:
    accounts.of(offer("backup", "one", "https://old.example/v1"))
    accounts.of(offer("gone", "one", "https://gone.example/v1"))
    assert doors.opened == [
        ("backup/one", "https://old.example/v1", False),
        ("main/one", "https://gone.example/v1", False),
    ]


def test_an_account_of_another_name_now_keeps_the_key_of_its_address(
    doors: Doors, accounts: Accounts
) -> None:
    accounts.of(offer("backup", "before", B))
    assert doors.opened == [("backup/one", B, True)]
