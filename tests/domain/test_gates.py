"""A gate lets through what a backend takes, learns it from answers, and never storms."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.naive import LATENCY
from bench.throttles import ENDLESS, Habit, Hint, Limit, Refused, Rule, Throttle, durations, ideal
from bot.domain.gates import (
    DAY,
    HOUR,
    LONGEST_PAUSE,
    MINUTE,
    SLOW_ANSWER,
    WINDOW,
    Declared,
    Gate,
    Go,
    Limits,
    Outcome,
    Refusal,
    Style,
    Try,
    Wait,
    ask,
    gap,
    next_turn,
    other,
    refused,
    sent,
    taken,
    told,
)
from bot.errors import Room

NOW = 29_833_333 * MINUTE
KEY = "simulator/main"
NEW = Gate(KEY)


def opens(met: Go | Wait) -> int | None:
    assert isinstance(met, Wait)
    return met.until


def test_a_new_gate_is_open() -> None:
    assert ask(NEW, Limits(), 0, NOW) == Go()


def test_a_pause_never_opens_a_gate_earlier() -> None:
    gate = Gate(KEY, 500)
    assert gate.paused(900).opens_at == 900
    assert gate.paused(100).opens_at == 500
    assert opens(ask(gate, Limits(), 0, 499)) == 500


def test_where_all_slots_are_taken_only_an_end_makes_room() -> None:
    assert ask(NEW, Limits(slots=2), 2, NOW) == Wait()
    assert ask(NEW, Limits(slots=2), 1, NOW) == Go()
    assert ask(NEW, Limits(slots=0), 0, NOW) == Wait()


def test_an_account_with_limits_of_its_own_has_none_of_the_others() -> None:
    declared = Declared(4, own={"fal/second": Limits(1, per_minute=6)})
    assert declared.of("fal/second") == Limits(1, per_minute=6)
    assert ask(NEW, declared.of("fal/default"), 3, NOW) == Go()
    assert ask(NEW, declared.of("fal/default"), 4, NOW) == Wait()
    assert ask(NEW, declared.of("fal/second"), 1, NOW) == Wait()


def through(gate: Gate, limits: Limits, at: int, name: str, took: int = 100) -> Gate:
    """One create that is taken."""
    met = ask(gate, limits, 0, at)
    assert isinstance(met, Go), met
    return taken(sent(gate, name, met, at), limits, name, at + took)


def test_a_window_takes_its_number_at_once_and_no_more_within_the_minute() -> None:
    limits = Limits(slots=99, per_minute=3, style=Style.WINDOW)
    gate = NEW
    for number in range(3):
        gate = through(gate, limits, NOW + number * 200, str(number))
    until = opens(ask(gate, limits, 3, NOW + 600))
    assert until is not None
    assert NOW + WINDOW < until < NOW + WINDOW + 1000
    assert ask(gate, limits, 3, until) == Go()


def test_a_minute_of_the_clock_is_a_new_one_whatever_was_in_the_last() -> None:
    limits = Limits(slots=99, per_minute=2, style=Style.CLOCK)
    late = NOW + MINUTE - 5_000
    gate = through(through(NEW, limits, late, "a"), limits, late + 200, "b")
    until = opens(ask(gate, limits, 2, late + 400))
    assert until == NOW + MINUTE + 1000
    assert isinstance(ask(gate, limits, 2, until), Go)


def test_nothing_is_sent_at_the_turn_of_a_minute_where_those_count() -> None:
    limits = Limits(slots=99, per_minute=2, style=Style.CLOCK)
    assert opens(ask(NEW, limits, 0, NOW + MINUTE - 500)) == NOW + MINUTE + 1000


def test_where_creates_are_spaced_each_waits_for_the_one_before() -> None:
    limits = Limits(slots=99, per_minute=10, style=Style.SPACED)
    gate = through(NEW, limits, NOW, "a")
    until = opens(ask(gate, limits, 1, NOW + 200))
    assert until is not None
    assert NOW + 6_000 < until < NOW + 6_200


def test_a_wished_spacing_holds_whatever_the_backend_takes() -> None:
    limits = Limits(slots=9, spacing=10_000)
    gate = through(NEW, limits, NOW, "a")
    assert opens(ask(gate, limits, 1, NOW + 200)) == NOW + 10_000


def test_a_day_is_full_until_its_first_hour_has_left_it() -> None:
    limits = Limits(slots=99, per_day=2)
    gate = through(through(NEW, limits, NOW, "a"), limits, NOW + 60_000, "b")
    until = opens(ask(gate, limits, 0, NOW + 120_000))
    assert until == NOW - NOW % HOUR + HOUR + DAY
    assert isinstance(ask(gate, limits, 0, until), Go)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(slots=99, per_minute=1, style=Style.WINDOW),
        Limits(slots=99, per_minute=10, style=Style.SPACED),
        Limits(slots=99, spacing=10_000),
        Limits(slots=99, per_day=1),
    ],
)
def test_a_forecast_knows_the_moment_for_which_the_next_create_waits(limits: Limits) -> None:
    gate = through(NEW, limits, NOW, "a")
    assert next_turn(gate, limits, NOW + 200) == opens(ask(gate, limits, 1, NOW + 200))
    paused = gate.paused(NOW + 3 * DAY)
    assert next_turn(paused, limits, NOW + 200) == NOW + 3 * DAY


def test_creates_follow_each_other_as_fast_as_the_slowest_of_all_limits_lets_them() -> None:
    assert gap(NEW, Limits()) == 0
    assert gap(NEW, Limits(spacing=500, per_minute=60)) == 1_000
    assert gap(NEW, Limits(spacing=2_000, per_minute=60)) == 2_000
    assert gap(replace(NEW, rate=6), Limits(per_minute=60)) == 10_000
    learned = replace(NEW, style=Style.SPACED, interval=7_000)
    assert gap(learned, Limits()) == 7_000


def test_nobody_waits_for_ever_for_a_create_without_an_answer() -> None:
    gate = sent(NEW, "slow", Go(), NOW)
    assert opens(ask(gate, Limits(), 1, NOW + 1)) == NOW + SLOW_ANSWER
    assert isinstance(ask(gate, Limits(), 1, NOW + SLOW_ANSWER), Go)


def test_a_backend_that_names_its_slots_is_believed() -> None:
    gate = sent(NEW, "a", Go(), NOW)
    gate = refused(gate, Limits(), Refusal("a", running=3, of_slots=True), NOW + 100)
    assert gate.slots == 3
    assert ask(gate, Limits(), 3, NOW + 200) == Wait()
    assert isinstance(ask(gate, Limits(), 2, NOW + 200), Go)


def test_a_refusal_with_room_left_for_more_requests_is_one_of_slots() -> None:
    gate = sent(NEW, "a", Go(), NOW)
    no = Refusal("a", running=4, hint=30_000, room=Room(25, left=7, resets=20_000))
    assert refused(gate, Limits(), no, NOW + 100).slots == 4


def test_a_rate_that_headers_name_is_kept_to_like_one_that_was_declared() -> None:
    gate = told(NEW, Room(2, 1, 30_000))
    limits = Limits(slots=99, style=Style.WINDOW)
    gate = through(through(gate, limits, NOW, "a"), limits, NOW + 200, "b")
    assert isinstance(ask(gate, limits, 2, NOW + 400), Wait)


def test_a_rate_of_a_day_is_not_taken_for_one_of_a_minute() -> None:
    assert told(NEW, Room(1000, 1, 8 * HOUR)) == NEW
    assert told(NEW, None) == NEW


def test_a_limit_that_was_learned_is_tried_again_and_grows() -> None:
    limits = Limits()
    gate = replace(NEW, style=Style.WINDOW, rate=99, slots=2)
    assert ask(gate, limits, 2, NOW) == Go(Try.SLOTS)
    gate = taken(sent(gate, "a", Go(Try.SLOTS), NOW), limits, "a", NOW + 100)
    assert gate.slots == 3


def test_a_declared_limit_is_never_tried_out() -> None:
    limits = Limits(slots=2, per_minute=1, style=Style.WINDOW)
    gate = replace(NEW, slots=2, rate=1)
    assert ask(gate, limits, 2, NOW) == Wait()
    gate = through(gate, limits, NOW, "a")
    assert isinstance(ask(gate, limits, 0, NOW + 1_000), Wait)


def test_a_long_pause_is_not_believed_before_it_was_asked_for_twice() -> None:
    gate = sent(NEW, "a", Go(), NOW)
    gate = refused(gate, Limits(), Refusal("a", 0, 10 * HOUR), NOW)
    assert gate.opens_at == NOW + WINDOW
    gate = sent(gate, "b", Go(), gate.opens_at)
    gate = refused(gate, Limits(), Refusal("b", 0, 10 * HOUR), gate.opens_at + 1)
    assert gate.opens_at == NOW + WINDOW + 1 + LONGEST_PAUSE


def test_an_answer_to_a_create_that_is_long_forgotten_changes_nothing_but_the_pause() -> None:
    assert taken(NEW, Limits(), "x", NOW) == NEW
    assert other(NEW, "x", NOW) == NEW
    assert refused(NEW, Limits(), Refusal("x", 1, 5_000), NOW).opens_at == NOW + 5_000


# --- before whole backends ------------------------------------------------------------------


@dataclass
class Crowd:
    """Many jobs before one gate, until all were rendered. Time is a queue of what happens."""

    habit: Habit
    limits: Limits
    chance: Random
    renders: Sequence[int]
    start: int
    gate: Gate = NEW
    running: int = 0
    last: int = 0
    looks_at: int = 0
    backend: Throttle = field(init=False)

    def __post_init__(self) -> None:
        self.backend = Throttle(self.habit)
        self.waiting = list(range(len(self.renders)))
        self.events: list[tuple[int, int, str, object]] = []
        self.numbers = count()

    def at(self, moment: int, what: str, value: object = None) -> None:
        heapq.heappush(self.events, (moment, next(self.numbers), what, value))

    def drain(self) -> float:
        """Time until the last render ended, over the ideal."""
        self.at(self.start, "look")
        while self.events:
            now, _, what, value = heapq.heappop(self.events)
            getattr(self, what)(now, value)
            self._let_through(now)
        best = ideal(self.habit, self.renders, self.start) - self.start
        return (self.last - self.start) / best

    def _let_through(self, now: int) -> None:
        while self.waiting:
            met = ask(self.gate, self.limits, self.running, now)
            if isinstance(met, Wait):
                if met.until and met.until != self.looks_at:
                    self.looks_at = max(now + 1, met.until)
                    self.at(self.looks_at, "look")
                return
            job, took = self.waiting.pop(0), self.chance.randrange(*LATENCY)
            name = f"{job}/{next(self.numbers)}"
            self.gate = sent(self.gate, name, met, now)
            self.running += 1
            self.at(now + took // 2, "arrives", (job, name, took - took // 2))

    def look(self, now: int, _: object) -> None:
        """Time went by."""

    def arrives(self, now: int, sending: tuple[int, str, int]) -> None:
        job, name, back = sending
        self.at(now + back, "answered", (job, name, self.backend.create(now, self.renders[job])))

    def answered(self, now: int, answer: tuple[int, str, int | Refused]) -> None:
        job, name, met = answer
        if isinstance(met, int):
            self.gate = taken(self.gate, self.limits, name, now)
            self.last = max(self.last, met)
            self.at(max(now, met), "ended")
            return
        self.running -= 1
        self.waiting.insert(0, job)
        no = Refusal(name, self.running, met.hint)
        self.gate = refused(self.gate, self.limits, no, now)

    def ended(self, now: int, _: object) -> None:
        del now
        self.running -= 1


SEEDS = (1, 2)


def chance_of(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - repeats a run, keeps no secret


def drained(habit: Habit, limits: Limits) -> tuple[float, int]:
    """Mean time over the ideal, and the most refusals, of some runs."""
    crowds = [
        Crowd(habit, limits, chance_of(seed), durations(150, chance_of(seed)), NOW + 7_000 * seed)
        for seed in SEEDS
    ]
    ratios = [crowd.drain() for crowd in crowds]
    assert all(not crowd.waiting and not crowd.running for crowd in crowds)
    return sum(ratios) / len(ratios), max(crowd.backend.refusals for crowd in crowds)


STYLES = {Rule.SLIDING: Style.WINDOW, Rule.FIXED: Style.CLOCK, Rule.SPACED: Style.SPACED}
rules = pytest.mark.parametrize("rule", list(Rule))
slots = pytest.mark.parametrize("slots", [5, 35, ENDLESS])


def habit_of(rule: Rule, slots: int, hint: Hint) -> Habit:
    return Habit(rule, (Limit(0, 10, slots),), counts_refused=True, hint=hint)


@rules
@slots
def test_declared_limits_are_used_up_without_one_refusal(rule: Rule, slots: int) -> None:
    limits = Limits(slots=slots, per_minute=10, style=STYLES[rule])
    ratio, refusals = drained(habit_of(rule, slots, Hint.RIGHT), limits)
    assert ratio <= 1.04
    assert refusals == 0


@rules
@slots
def test_a_style_that_was_not_declared_costs_a_refusal_or_two(rule: Rule, slots: int) -> None:
    limits = Limits(slots=slots, per_minute=10)
    ratio, refusals = drained(habit_of(rule, slots, Hint.RIGHT), limits)
    assert ratio <= 1.07
    assert refusals <= 3


@rules
@slots
@pytest.mark.parametrize("hint", list(Hint))
def test_limits_that_nobody_declared_are_found(rule: Rule, slots: int, hint: Hint) -> None:
    ratio, refusals = drained(habit_of(rule, slots, hint), Limits())
    assert ratio <= 1.30
    assert refusals <= 70


@rules
def test_limits_that_change_are_followed_down_and_up(rule: Rule) -> None:
    steps = (Limit(0, 10), Limit(NOW + 5 * MINUTE, 4), Limit(NOW + 15 * MINUTE, 20))
    ratio, _ = drained(Habit(rule, steps), Limits())
    assert ratio <= 1.45
    steps = (Limit(0, 10, 5), Limit(NOW + 30 * MINUTE, 10, 3), Limit(NOW + 60 * MINUTE, 10, 8))
    ratio, _ = drained(Habit(rule, steps), Limits())
    assert ratio <= 1.4


habits = st.builds(
    Habit,
    st.sampled_from(Rule),
    st.tuples(st.builds(Limit, st.just(0), st.integers(1, 60), st.integers(1, 40))),
    st.booleans(),
    st.sampled_from(Hint),
)


@settings(max_examples=40)
@given(habits, st.integers(0, 2**16))
def test_no_backend_is_stormed_and_every_job_gets_through(habit: Habit, seed: int) -> None:
    chance = chance_of(seed)
    crowd = Crowd(habit, Limits(), chance, durations(25, chance), NOW + seed)
    crowd.drain()
    assert not crowd.waiting
    assert crowd.backend.refusals <= 60
    assert all(call.outcome is not Outcome.OPEN for call in crowd.gate.calls)
