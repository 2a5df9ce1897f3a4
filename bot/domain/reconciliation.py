"""What we think that backends charge beside what they say and have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """Jobs that reached one account of a provider in a span; money is USD·10⁻⁶.

    `expected` is of the jobs that count, by the catalogue of then; `unexplained` is the part of it
    for which the backend reported nothing yet, in `unreported` jobs. `reported` has what was
    charged for `failures` without a video, too: `lost`.
    """

    provider: str
    account: str
    base_url: str
    jobs: int
    expected: int
    reported: int
    unreported: int
    unexplained: int
    failures: int
    lost: int

    @property
    def difference(self) -> int:
        """What was reported above what was expected of the same jobs; a failure should be free."""
        return self.reported - (self.expected - self.unexplained)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An account's costs, and how its own list differs from ours.

    `strange` are ids that nobody here asked for, of whichever workspace; `missing` are ours that it
    does not have. None where its list cannot say so; `asked` is False when it did not answer.
    """

    costs: Costs
    asked: bool = True
    strange: tuple[str, ...] | None = None
    missing: tuple[str, ...] | None = None
