"""The store of the crash table signs the contract of stores, but for what only SQL can say."""

from __future__ import annotations

import pytest

from tests.contracts import (
    test_store_audit_contract,
    test_store_checks_contract,
    test_store_circuits_contract,
    test_store_contract,
    test_store_job_lists_contract,
    test_store_jobs_contract,
    test_store_ledger_contract,
    test_store_library_contract,
    test_store_likes_contract,
    test_store_links_contract,
    test_store_outbox_contract,
    test_store_permits_contract,
    test_store_prompts_contract,
    test_store_releases_contract,
    test_store_rows_contract,
    test_store_styles_contract,
    test_store_switches_contract,
    test_store_takedowns_contract,
)
from tests.fakes.memory_store.store import MemoryStore

SIGNED = (
    test_store_audit_contract,
    test_store_checks_contract,
    test_store_circuits_contract,
    test_store_contract,
    test_store_job_lists_contract,
    test_store_jobs_contract,
    test_store_ledger_contract,
    test_store_library_contract,
    test_store_likes_contract,
    test_store_links_contract,
    test_store_outbox_contract,
    test_store_prompts_contract,
    test_store_permits_contract,
    test_store_releases_contract,
    test_store_rows_contract,
    test_store_styles_contract,
    test_store_switches_contract,
    test_store_takedowns_contract,
)
SPEAKS_SQL = {
    # They break what is stored behind the store's back, which only a database allows.
    "test_no_record_is_changed_or_removed",
    "test_a_balance_without_entries_is_found_in_its_own_workspace",
    "test_a_sum_that_the_jobs_do_not_explain_is_found",
    "test_a_sum_of_a_day_that_the_jobs_do_not_explain_is_found",
    "test_a_sum_without_any_job_is_found",
    "test_an_audit_finds_a_balance_that_its_entries_do_not_explain",
    "test_an_audit_finds_credits_that_came_from_nowhere",
    # They listen to its driver.
    "test_a_transaction_cancelled_at_any_point_leaves_nothing",
    "test_a_transaction_cancelled_while_it_commits_is_whole_or_nothing",
    # It lives as long as its test.
    "test_what_was_stored_outlives_the_store",
    # It asks no store.
    "test_an_account_says_whose_it_is",
}
ALL = [(name, of) for one in SIGNED for name, of in vars(one).items() if name.startswith("test_")]
TERMS = {name: test for name, test in ALL if name not in SPEAKS_SQL}
globals().update(TERMS)


@pytest.fixture
def store() -> MemoryStore:
    """An empty one."""
    return MemoryStore()


def test_no_term_of_the_contract_is_left_out_by_accident() -> None:
    assert len({name for name, _ in ALL}) == len(ALL), "two terms have one name"
    assert {name for name, _ in ALL} >= SPEAKS_SQL
    assert len(TERMS) > 80
