"""What each method wants: which arguments, which scope, and how often it may be called."""

from dataclasses import dataclass

# Calls a minute, for the whole workspace; none means that other rules hold.
TIER_1, TIER_2, TIER_3, TIER_4 = 1, 20, 50, 100
SPECIAL = None
# The SDK or bolt add these to any call.
ALWAYS_ALLOWED = {"team_id", "token"}
MESSAGE = "text blocks attachments metadata link_names parse as_user"
POST = f"{MESSAGE} mrkdwn thread_ts reply_broadcast unfurl_links unfurl_media username icon_emoji"


@dataclass(frozen=True)
class Method:
    """`scopes` are needed one and all; those that hang on the channel are in channel_scopes."""

    needs: frozenset[str]
    takes: frozenset[str]
    scopes: tuple[str, ...]
    per_minute: int | None
    channel_scopes: str = ""


def _method(
    needs: str = "",
    takes: str = "",
    scopes: str = "",
    per_minute: int | None = TIER_4,
    channel_scopes: str = "",
) -> Method:
    wanted = frozenset(needs.split())
    allowed = wanted | frozenset(takes.split()) | ALWAYS_ALLOWED
    return Method(wanted, allowed, tuple(scopes.split()), per_minute, channel_scopes)


METHODS = {
    "auth.test": _method(per_minute=SPECIAL),
    "oauth.v2.access": _method(
        "client_id client_secret code", "redirect_uri grant_type", per_minute=SPECIAL
    ),
    "apps.connections.open": _method(per_minute=TIER_3),
    "chat.postMessage": _method("channel", f"{POST} icon_url", "chat:write", SPECIAL),
    "chat.postEphemeral": _method("channel user", f"{POST} icon_url", "chat:write"),
    "chat.update": _method(
        "channel ts", f"{MESSAGE} file_ids reply_broadcast", "chat:write", TIER_3
    ),
    "chat.delete": _method("channel ts", "as_user", "chat:write", TIER_3),
    "chat.getPermalink": _method("channel message_ts", per_minute=SPECIAL),
    "views.open": _method("view", "trigger_id interactivity_pointer"),
    "views.push": _method("view", "trigger_id interactivity_pointer"),
    "views.update": _method("view", "view_id external_id hash"),
    "views.publish": _method("user_id view", "hash"),
    "conversations.open": _method("", "users channel return_im prevent_creation", "im:write"),
    "conversations.join": _method("channel", "", "channels:join", TIER_3),
    "conversations.info": _method(
        "channel", "include_locale include_num_members", "", TIER_3, "read"
    ),
    "conversations.history": _method(
        "channel",
        "cursor latest oldest limit inclusive include_all_metadata",
        "",
        TIER_3,
        "history",
    ),
    "conversations.replies": _method(
        "channel ts",
        "cursor latest oldest limit inclusive include_all_metadata",
        "",
        TIER_3,
        "history",
    ),
    "assistant.threads.setStatus": _method(
        "channel_id thread_ts status",
        "loading_messages icon_emoji icon_url username",
        "chat:write",
        SPECIAL,
    ),
    "users.info": _method("user", "include_locale", "users:read"),
    # Its scopes hang on the kinds of channels that it is asked for.
    "users.conversations": _method("", "user types exclude_archived limit cursor", "", TIER_3),
    "usergroups.list": _method(
        "", "include_users include_count include_disabled", "usergroups:read", TIER_2
    ),
    "usergroups.users.list": _method("usergroup", "include_disabled", "usergroups:read", TIER_2),
    "files.getUploadURLExternal": _method("filename length", "alt_txt snippet_type", "files:write"),
    "files.completeUploadExternal": _method(
        "files", "channel_id channels thread_ts initial_comment blocks", "files:write"
    ),
    "files.info": _method("file", "cursor limit page count", "files:read"),
    "files.delete": _method("file", "", "files:write", TIER_3),
}
APP_TOKEN_METHODS = {"apps.connections.open"}
NO_TOKEN_METHODS = {"oauth.v2.access"}
# What the scopes of a channel begin with, by its kind, and what users.conversations calls it.
SCOPE_OF_KIND = {"channel": "channels", "group": "groups", "im": "im"}
KIND_OF_TYPE = {"public_channel": "channel", "private_channel": "group", "im": "im"}
