"""Refusals, as Slack words them: ok is false, and one word says why."""

from tests.fakes.slack_server.payloads import Object


class Problem(Exception):
    """What a call is answered with instead of success."""

    def __init__(self, error: str, detail: str = "", **more: object) -> None:
        self.error = error
        self.detail = detail
        self.more = more
        # Whether a correct bot never meets this; see `invalid`.
        self.is_violation = False
        super().__init__(f"{error}: {detail}" if detail else error)

    def to_json(self) -> Object:
        body: Object = {"ok": False, "error": self.error} | self.more
        if self.detail:
            body["response_metadata"] = {"messages": [f"[ERROR] {self.detail}"]}
        return body


def invalid(error: str, why: str) -> Problem:
    """A call that a correct bot never makes; the test that made it fails at its end."""
    problem = Problem(error, why)
    problem.is_violation = True
    return problem
