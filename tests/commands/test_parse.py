"""Typed lines and what they are read as; each case was worth a thought."""

import pytest

from bot.commands.parse import MAX_LINE, Parsed, begins_with_verb, parse
from bot.domain.videos import MAX_PROMPT
from bot.errors import InvalidInput


def create(**args: str) -> Parsed:
    return Parsed("create", args)


def refused(line: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse(line)
    return caught.value


# --- verbs --------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["a red kite", "/sora a red kite", "/sora create a red kite"])
def test_a_line_without_a_verb_is_a_prompt(line: str) -> None:
    assert parse(line) == create(prompt="a red kite")


@pytest.mark.parametrize(
    "line", ["CREATE a kite", "/Sora Create: a kite", "  /sora\ncreate a kite"]
)
def test_verbs_are_known_in_any_case(line: str) -> None:
    assert parse(line) == create(prompt="a kite")


@pytest.mark.parametrize("line", ["", "  \n ", "/sora", " /sora "])
def test_an_empty_line_asks_for_help(line: str) -> None:
    assert parse(line) == Parsed("help")


@pytest.mark.parametrize("line", ["/sora-admin", "/sora-admin help"])
def test_an_empty_admin_line_asks_for_admin_help(line: str) -> None:
    assert parse(line) == Parsed("help", {"topic": "admin"})


def test_a_word_that_only_begins_like_the_command_is_a_prompt() -> None:
    assert parse("/soranorama at dusk").args["prompt"] == "/soranorama at dusk"


def test_admin_verbs_are_known_under_both_commands() -> None:
    shown = Parsed("admin quota show", {"person": "@ben"})
    assert parse("/sora-admin quota show @ben") == shown
    assert parse("/sora admin quota show @ben") == shown


def test_a_prompt_may_begin_with_half_a_verb() -> None:
    assert parse("/sora admin at a desk") == create(prompt="admin at a desk")
    assert parse("statue of liberty") == create(prompt="statue of liberty")


def test_a_strange_admin_verb_is_refused_with_those_that_exist() -> None:
    no = refused("/sora-admin dance now")
    assert (no.field, no.given) == ("command", "dance now")
    assert "/sora-admin quota set" in no.allowed


@pytest.mark.parametrize("line", ["cancle", "cancle #k7qm", "cancle k7qm2", "statue"])
def test_a_short_line_that_is_nearly_a_command_is_asked_about(line: str) -> None:
    no = refused(line)
    assert no.field == "command"
    assert "Did you mean" in no.allowed
    assert f"/sora create {line}" in no.allowed


@pytest.mark.parametrize("line", ["statue park", "retro 80s", "kites"])
def test_a_short_prompt_stays_one(line: str) -> None:
    assert parse(line) == create(prompt=line)


@pytest.mark.parametrize(
    "line", ["jobs in a factory", "show me a castle", "queue of people in the rain"]
)
def test_a_prompt_that_begins_like_a_command_is_refused_with_the_way_out(line: str) -> None:
    no = refused(line)
    assert no.given == line
    assert f"/sora create {line}" in no.allowed
    assert parse(f"/sora create {line}") == create(prompt=line)


def test_too_many_words_for_an_admin_command_are_no_prompt() -> None:
    no = refused("/sora-admin quota show @ben @ana")
    assert no.given == "quota show @ben @ana"
    assert "create" not in no.allowed


@pytest.mark.parametrize(
    "line",
    [
        "",
        " \n",
        "/sora",
        "/sora a kite",
        "/sora-admin",
        "cancel k7qm",
        "Again: k7qm",
        "cancle k7qm",
        "admin quota show",
        "show me a castle",
    ],
)
def test_some_lines_say_what_they_ask_for(line: str) -> None:
    assert begins_with_verb(line)


@pytest.mark.parametrize(
    "line", ["at night", "again, at night", "threads of silk", "statue park", "/soranorama at dusk"]
)
def test_all_others_are_prompts(line: str) -> None:
    assert not begins_with_verb(line)


# --- quotes, lines and lengths ------------------------------------------------------------


@pytest.mark.parametrize("quotes", ['""', "''", "“”", "„“", "””", "‘’", "«»"])  # noqa: RUF001 - the curly quotes are what is tested
def test_quotes_around_a_prompt_are_taken_off_and_keep_its_words(quotes: str) -> None:
    line = f"{quotes[0]}a sign says seconds:8 size:720p 8s{quotes[1]} seconds:4"
    assert parse(line) == create(prompt="a sign says seconds:8 size:720p 8s", seconds="4")


@pytest.mark.parametrize(
    "prompt",
    [
        '"Hello," she said, "goodbye"',
        "a dogs' home and the cats' one",
        'he said "seconds:8" twice',
        'a 12" record',
    ],
)
def test_quotes_within_a_prompt_stay(prompt: str) -> None:
    assert parse(prompt) == create(prompt=prompt)


def test_new_lines_and_emoji_stay_where_they_were() -> None:
    line = "a kite 🪁  and\n\tdunes seconds:8\n\nfar  away ❤️"
    assert parse(line) == create(prompt="a kite 🪁  and\n\tdunes\n\nfar  away ❤️", seconds="8")


def test_the_longest_prompt_fits_and_one_more_character_does_not() -> None:
    assert parse("x" * MAX_PROMPT + " seconds:8").args["prompt"] == "x" * MAX_PROMPT
    no = refused("x" * (MAX_PROMPT + 1))
    assert no.field == "prompt"
    assert "4,000" in no.allowed
    assert len(no.given) < 100


def test_an_endless_line_is_refused_before_it_is_read() -> None:
    assert refused("x " * MAX_LINE).field == "line"


# --- values in order ----------------------------------------------------------------------

LIMIT = {"person": "@ben", "limit": "20", "unit": "videos", "period": "week"}


@pytest.mark.parametrize(
    "line",
    [
        "quota set @ben 20 videos per week",
        "quota set @ben 20 videos weekly",
        "quota set 20 videos a week for:@ben",
        "quota set 20 videos per week @ben",
        "quota set person:@ben limit:20 unit:videos period:week",
        "quota set --user @ben --limit 20 --unit video --per week",
        "quota set @ben limit=20 VIDEOS each Week",
    ],
)
def test_values_are_known_by_their_looks_or_their_names(line: str) -> None:
    assert parse(f"/sora-admin {line}") == Parsed("admin quota set", LIMIT)


def test_a_limit_can_be_taken_away_and_counted_in_a_rolling_window() -> None:
    assert parse("/sora-admin quota set everyone unlimited credits monthly rolling") == Parsed(
        "admin quota set",
        {
            "person": "everyone",
            "limit": "none",
            "unit": "credits",
            "period": "month",
            "rolling": "yes",
        },
    )


def test_a_value_of_no_known_looks_is_for_the_next_that_is_needed() -> None:
    args = parse("/sora-admin quota set ben lots videos week").args
    assert (args["person"], args["limit"]) == ("ben", "lots")


@pytest.mark.parametrize("mention", ["<@U123|ben of the sea>", "<@123>", "<@!123>"])
def test_a_mention_is_one_value(mention: str) -> None:
    assert parse(f"/sora-admin quota show {mention}").args == {"person": mention}


@pytest.mark.parametrize(
    "line",
    [
        'grant @ben 1,000 for the "spring" film at 8:30',
        'grant 1000 to @ben for the "spring" film at 8:30',
        'grant person:@ben amount:1000 reason:for the "spring" film at 8:30',
    ],
)
def test_the_rest_of_a_line_is_the_reason(line: str) -> None:
    assert parse(f"/sora-admin credits {line}") == Parsed(
        "admin credits grant",
        {"person": "@ben", "amount": "1000", "reason": 'for the "spring" film at 8:30'},
    )


def test_a_reason_may_be_in_quotes_and_may_not_be_endless() -> None:
    start = "/sora-admin credits grant @ben 5"
    assert parse(f"{start} 'as agreed'").args["reason"] == "as agreed"
    assert refused(f"{start} {'x' * 201}").field == "reason"


@pytest.mark.parametrize("typed", ["k7qm", "#k7qm", "#K7QM", "job:k7qm", "--job #k7qm"])
def test_a_job_is_named_with_or_without_its_sign(typed: str) -> None:
    assert parse(f"/sora cancel {typed}") == Parsed("cancel", {"job": "k7qm"})


def test_a_value_that_cannot_be_right_is_passed_on_to_be_refused_by_name() -> None:
    assert parse("jobs yours") == Parsed("jobs", {"which": "yours"})
    assert parse("status ???") == Parsed("status", {"job": "???"})


@pytest.mark.parametrize("verb", ["queue", "quota", "status", "jobs", "help"])
def test_verbs_without_values_stand_alone(verb: str) -> None:
    assert parse(f"/sora {verb}") == Parsed(verb)


def test_a_verb_that_takes_nothing_refuses_everything() -> None:
    assert refused("quota please").given == "quota please"


def test_help_takes_a_command() -> None:
    assert parse("/sora help quota set") == Parsed("help", {"topic": "quota set"})
