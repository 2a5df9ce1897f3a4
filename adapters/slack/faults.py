"""What Slack's refusals mean to the core: a closed set, whatever word Slack has for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot import wording
from bot.errors import ChatBusy, ChatError, ChatForbidden, ChatGone, ThreadGone

REVOKED_WAIT = 60_000
"""Ms between two tries with a token that is no longer good: an operator may put in another."""
BUSY_WAIT = 5_000
"""Ms to wait when Slack is too busy to say how long."""
LONGEST_WAIT = 3_600_000
"""Ms after which we ask again, whatever Slack said."""

NOT_INSIDE = frozenset({"not_in_channel", "method_not_supported_for_channel_type"})
GONE = frozenset(
    {
        "is_archived",
        "cant_update_message",
        "edit_window_closed",
        "user_not_found",
        "users_not_found",
        "user_disabled",
    }
)
NO_FILE = frozenset({"file_deleted", "file_not_found"})
REVOKED = frozenset(
    {
        "account_inactive",
        "app_uninstalled",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
NO_FILES = {
    "file_type_not_allowed": wording.SLACK_NO_SUCH_FILES,
    "file_upload_size_restricted": wording.SLACK_FILE_TOO_LARGE,
    "file_uploads_disabled": wording.SLACK_FILES_OFF,
    "file_uploads_except_images_disabled": wording.SLACK_FILES_OFF,
    "slack_connect_file_upload_sharing_blocked": wording.SLACK_FILES_OFF_OUTSIDE,
    "storage_limit_reached": wording.SLACK_STORAGE_FULL,
}
"""Why a workspace takes no video, by Slack's word for it."""
FORBIDDEN = frozenset(
    {
        "cannot_dm_bot",
        "cant_delete_file",
        "cant_delete_message",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "messages_tab_disabled",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "posting_to_channel_denied",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
    }
)

TOO_MANY = 429

FAULTS = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)
"""All that a call can raise."""


class NotInside(ChatForbidden):
    """The bot is not a member of the channel."""


class NoSuchChannel(NotInside):
    """There is none, or a private one without the bot: Slack says the same of both."""


class FilesBlocked(ChatForbidden):
    """The workspace takes no such file; its words say why and who can change that."""


class Revoked(ChatBusy):
    """Slack takes the token no more: everything waits until an operator put in another."""

    def __init__(self, word: str) -> None:
        super().__init__(REVOKED_WAIT)
        self.word = word


class NoSuchMessage(ChatGone):
    """It was deleted."""


class NoSuchFile(ChatGone):
    """Slack knows no such file, or no such upload any more."""


class ViewChanged(ChatError):
    """A form or tab is another one by now than it was when this was made."""


class Unsure(ChatError):
    """The line broke or Slack did: nobody knows whether the call took effect."""


def word_of(error: BaseException) -> str:
    """Slack's word for a refusal; empty when it said none."""
    found = _data(error).get("error")
    return str(found) if found else ""


def chat_error(error: BaseException) -> ChatError:
    """What a failed call means to the announcer."""
    if not isinstance(error, SlackApiError):
        return Unsure(f"{type(error).__name__}: {error}")
    word, status = word_of(error), _status(error)
    if word in {"ratelimited", "rate_limited"} or status == TOO_MANY:
        return ChatBusy(retry_after(error))
    if not word:
        return Unsure(f"HTTP {status}")
    return next((make(word) for words, make in _SORTED if word in words), ChatError(word))


_PASSING = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Slack's own troubles: the call may have taken effect all the same."""
_SORTED: tuple[tuple[Collection[str], Callable[[str], ChatError]], ...] = (
    (NOT_INSIDE, lambda _: NotInside(wording.SLACK_NOT_INSIDE)),
    ({"channel_not_found"}, lambda _: NoSuchChannel(wording.SLACK_NOT_INSIDE)),
    ({"message_not_found"}, NoSuchMessage),
    (GONE, ChatGone),
    ({"thread_not_found"}, ThreadGone),
    (NO_FILE, NoSuchFile),
    ({"hash_conflict"}, ViewChanged),
    (REVOKED, Revoked),
    (NO_FILES, lambda word: FilesBlocked(NO_FILES[word])),
    (FORBIDDEN, ChatForbidden),
    (_PASSING, Unsure),
)


def retry_after(error: BaseException) -> int:
    """How long Slack asks us to wait (ms), at most `LONGEST_WAIT`."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None) or {}
    told = {str(name).lower(): text for name, text in dict(headers).items()}.get("retry-after")
    try:
        return min(max(0, round(float(str(told)) * 1000)), LONGEST_WAIT)
    except (OverflowError, ValueError):
        return BUSY_WAIT


def _data(error: BaseException) -> Mapping[str, Any]:
    data = getattr(getattr(error, "response", None), "data", None)
    return cast("Mapping[str, Any]", data) if isinstance(data, dict) else {}


def _status(error: BaseException) -> int:
    response = getattr(error, "response", None)
    found = getattr(response, "status_code", None) or getattr(response, "status", None)
    return int(found) if isinstance(found, int) else 0
