"""Refusals, as Discord words them: a status, a code and a sentence."""

from typing import Any

# What each code is answered with: a status and a sentence.
KNOWN = {
    0: (404, "404: Not Found"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10015: (404, "Unknown Webhook"),
    10013: (404, "Unknown User"),
    10062: (404, "Unknown interaction"),
    20016: (429, "This action cannot be performed due to slowmode rate limit"),
    20028: (429, "The channel you are writing has hit the write rate limit"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached"),
    30032: (400, "Maximum number of application commands reached"),
    40001: (401, "Unauthorized"),
    40005: (413, "Request entity too large"),
    40058: (400, "Cannot message this channel until a thread is created"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50045: (413, "File uploaded exceeds the maximum size"),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    200000: (403, "Message was blocked by automatic moderation"),
    240000: (400, "Message blocked by harmful links filter"),
    400001: (403, "Access to file uploads has been limited for this guild"),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "Thread is locked"),
    160006: (400, "Maximum number of active threads reached"),
}


class Problem(Exception):
    """What a request is answered with instead of success."""

    def __init__(self, code: int, detail: str = "", where: str = "", status: int = 0) -> None:
        known_status, sentence = KNOWN.get(code, (400, "Refused"))
        self.status = status or known_status
        self.code = code
        self.sentence = sentence
        self.detail = detail
        self.where = where
        # Whether a correct bot never meets this; see `invalid`.
        self.is_violation = False
        super().__init__(f"{code} {sentence}: {where} {detail}".strip())

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.sentence, "code": self.code}
        if self.detail:
            body["errors"] = _nested(self.where, self.detail)
        return body


def invalid(where: str, why: str) -> Problem:
    """A body that a correct bot never sends; the test that sent it fails at its end."""
    problem = Problem(50035, why, where)
    problem.is_violation = True
    return problem


def _nested(where: str, why: str) -> dict[str, Any]:
    errors: dict[str, Any] = {"_errors": [{"code": "BASE_TYPE_INVALID", "message": why}]}
    for step in reversed([step for step in where.split(".") if step]):
        errors = {step: errors}
    return errors
