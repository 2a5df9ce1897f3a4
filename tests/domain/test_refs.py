import pytest

from bot.domain.messages import Code, Mention, Moment, Strong, plain
from bot.domain.refs import Blob, Person, Tenant, job_id_typed


@pytest.mark.parametrize("text,found", [("#K7F3", "k7f3"), (" k7f3q2mz4x ", "k7f3q2mz4x")])
def test_a_job_id_may_be_typed_with_a_hash_in_any_case_and_cut_short(text: str, found: str) -> None:
    assert job_id_typed(text) == found


@pytest.mark.parametrize("text", ["", "k7f", "k7f3q2mz4xx", "k7il", "a%_b", "../etc"])
def test_what_cannot_be_a_job_id_is_none(text: str) -> None:
    assert job_id_typed(text) is None


def test_names_of_people_carry_their_platform_and_tenant() -> None:
    ana = Person(Tenant("web", "demo"), "ana", "Ana", admin=True)
    assert ana.key == "web/demo/ana"
    assert ana == Person(Tenant("web", "demo"), "ana")


def test_a_blob_is_named_by_its_content() -> None:
    assert Blob("ab", ".mp4", 1).name == "ab.mp4"


def test_a_line_reads_as_bare_text() -> None:
    ana = Person(Tenant("web", "demo"), "ana")
    line = ("for ", Mention(ana), " ", Strong("80"), " ", Code("#k7"), " ", Moment(5))
    assert plain(line) == "for @ana 80 #k7 <5>"
