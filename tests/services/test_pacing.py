"""Many cards in a workspace that counts edits, second by second."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from bot.domain.jobs import Job, JobState
from bot.domain.pace import WINDOW
from bot.domain.refs import MessageRef, Place, Tenant
from bot.ports import Outgoing, PlaceLimits
from bot.services.moves import banner_key, card_key
from bot.services.pacing import PASSING, Pacing
from tests.storage.examples import NOW, a_job

S = JobState
SECOND = 1_000
BUDGET = 50
SLACK = PlaceLimits(1, edit_pace=3 * SECOND, workspace_pace=1_500, workspace_edits=BUDGET)
DISCORD = PlaceLimits(1, edit_pace=5 * SECOND, channel_pace=SECOND)


def an_item(job: Job, key: str = "", revision: int = 1) -> Outgoing:
    ref = MessageRef(job.place, f"m{job.id}")
    return Outgoing(key or card_key(job.id), job.id, job.place, revision, 0, NOW, 0, ref)


def in_team(number: int, state: JobState, team: str = "T1", channel: str = "C1") -> Job:
    place = Place(Tenant("slack", team), channel)
    return a_job(f"a{number:09}", state=state, place=place, accepted_at=NOW, updated_at=NOW)


@dataclass
class Room:
    """Sends every edit that may go, the longest due first, as the announcer would."""

    limits: PlaceLimits = SLACK
    now: int = NOW
    pacing: Pacing = field(default_factory=Pacing)
    waiting: dict[str, tuple[int, Job]] = field(default_factory=dict[str, tuple[int, Job]])
    edits: list[tuple[int, Job]] = field(default_factory=list[tuple[int, Job]])
    slowest: int = 0
    """The longest that a last word was due (ms)."""

    def post(self, job: Job) -> None:
        self.pacing.shown(an_item(job), job, self.now)

    def news(self, job: Job) -> None:
        due, _ = self.waiting.get(job.id, (self.now, job))
        if job.state is S.DONE:
            due = self.now
        self.waiting[job.id] = (due, job)

    def send(self) -> None:
        for due, job in sorted(self.waiting.values(), key=lambda one: one[0]):
            if self.pacing.when(an_item(job), job, self.limits, self.now) == self.now:
                self._sent(due, job)

    def _sent(self, due: int, job: Job) -> None:
        self.pacing.shown(an_item(job), job, self.now)
        self.edits.append((self.now, job))
        del self.waiting[job.id]
        if job.state is S.DONE:
            self.slowest = max(self.slowest, self.now - due)

    def most_in_a_minute(self, *states: JobState) -> int:
        times = [at for at, job in self.edits if not states or job.state in states]
        return max(sum(end - WINDOW < at <= end for at in times) for end in times)


@pytest.mark.parametrize("every", [2, 3, 6])
@pytest.mark.parametrize("fetching", [1, 4, 15])
def test_forty_jobs_that_end_one_after_another_keep_to_the_budget(
    every: int, fetching: int
) -> None:
    room = Room()
    jobs = [in_team(n, S.QUEUED) for n in range(40)]
    for job in jobs:
        room.post(job)
    for second in range(120 + 40 * every + 60):
        room.now = NOW + second * SECOND
        for n, job in enumerate(jobs):
            jobs[n] = at_second(job, second - n * every, fetching, room.now)
            if jobs[n] is not job:
                room.news(jobs[n])
        room.send()
    assert [job.state for job in jobs] == [S.DONE] * 40
    assert room.waiting == {}
    assert room.slowest == 0
    assert room.most_in_a_minute() <= BUDGET


def at_second(job: Job, second: int, fetching: int, now: int) -> Job:
    """A job that renders for two minutes, with news each second, and is then copied and posted."""
    match second - 120:
        case left if left < 0:
            return replace(job, state=S.RENDERING, progress=max(0, second), version=job.version + 1)
        case left if left < fetching:
            state = S.FETCHING
        case left if left < fetching + 3:
            state = S.DELIVERING
        case _:
            state = S.DONE
    return job if job.state is state else replace(job, state=state, updated_at=now)


def test_lanes_side_by_side_share_the_budget_before_any_of_them_is_done() -> None:
    pacing, jobs = Pacing(), [in_team(n, S.RENDERING, channel=f"C{n}") for n in range(60)]
    times = [pacing.when(an_item(job), job, SLACK, NOW) for job in jobs]
    assert times.count(NOW) == BUDGET * 90 // 100
    assert set(times[45:]) == {NOW + WINDOW}
    assert len(pacing.held(NOW)) == 15
    assert pacing.held(NOW + WINDOW) == ()


def test_each_workspace_has_a_budget_of_its_own() -> None:
    pacing = Pacing()
    for n in range(50):
        job = in_team(n, S.RENDERING)
        pacing.when(an_item(job), job, SLACK, NOW)
    other = in_team(99, S.RENDERING, "T2")
    assert pacing.when(an_item(other), other, SLACK, NOW) == NOW


def test_active_cards_of_other_channels_slow_a_bar_down_and_those_of_other_workspaces_not() -> None:
    pacing = Pacing()
    for n in range(20):
        job = in_team(n, S.RENDERING, channel=f"C{n}")
        pacing.shown(an_item(job), job, NOW)
    for n in range(20, 99):
        job = in_team(n, S.RENDERING, "T2")
        pacing.shown(an_item(job), job, NOW)
    job = in_team(0, S.RENDERING, channel="C0")
    assert pacing.when(an_item(job), job, SLACK, NOW) == NOW + 20 * 1_500


@pytest.mark.parametrize("state", [S.SUBMITTING, S.FETCHING, S.DELIVERING])
def test_where_edits_are_counted_a_state_that_passes_is_told_of_when_it_does_not(
    state: JobState,
) -> None:
    pacing, job = Pacing(), in_team(1, state)
    assert pacing.when(an_item(job), job, SLACK, NOW) == NOW + PASSING
    assert pacing.when(an_item(job), job, SLACK, NOW + PASSING) == NOW + PASSING
    done = replace(job, state=S.DONE)
    assert pacing.when(an_item(done, revision=2), done, SLACK, NOW) == NOW


@pytest.mark.parametrize("state", [S.SUBMITTING, S.FETCHING, S.DELIVERING, S.DONE])
def test_elsewhere_every_state_is_told_of_at_once(state: JobState) -> None:
    pacing, job = Pacing(), in_team(1, state)
    pacing.shown(an_item(job), replace(job, state=S.RENDERING), NOW - 5 * SECOND)
    for _ in range(99):
        assert pacing.when(an_item(job), job, DISCORD, NOW) == NOW


def test_the_head_of_a_thread_takes_nothing_from_last_words_however_old_it_is() -> None:
    pacing, limits = Pacing(), replace(SLACK, edit_window=WINDOW)
    root = replace(in_team(1, S.DONE), accepted_at=NOW - 99 * WINDOW)
    banner = an_item(root, banner_key(root.id))
    times = [pacing.when(banner, root, limits, NOW) for _ in range(60)]
    assert (times.count(NOW), times[-1]) == (BUDGET * 90 // 100, NOW + WINDOW)
    assert pacing.when(an_item(root), root, limits, NOW) == NOW
    assert pacing.when(banner, root, DISCORD, NOW) == NOW
