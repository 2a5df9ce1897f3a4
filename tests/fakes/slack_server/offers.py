"""What the app's manifest offers: commands, shortcuts, scopes, events."""

from dataclasses import dataclass, field

from tests.fakes.slack_server.payloads import Object, parts

GLOBAL, ON_MESSAGE = "global", "message"
SCOPES = (
    "commands chat:write files:write files:read app_mentions:read channels:read groups:read"
    " channels:join users:read usergroups:read im:read im:write"
    " channels:history groups:history im:history reactions:read"
)
EVENTS = (
    "app_mention message.channels message.groups message.im app_home_opened"
    " member_joined_channel file_shared app_uninstalled tokens_revoked"
    " reaction_added reaction_removed"
)


class NotOffered(Exception):
    """Slack would not let anybody do this."""


def _of(words: str) -> set[str]:
    return set(words.split())


@dataclass
class Offers:
    """What is installed. Take a scope away, and what needs it is refused."""

    commands: set[str] = field(default_factory=lambda: {"/sora", "/sora-admin"})
    shortcuts: dict[tuple[str, str], str] = field(
        default_factory=lambda: {
            (GLOBAL, "Make a video"): "make_video",
            (ON_MESSAGE, "Remix this video"): "remix_video",
        }
    )
    scopes: set[str] = field(default_factory=lambda: _of(SCOPES))
    events: set[str] = field(default_factory=lambda: _of(EVENTS))

    def install(self, manifest: Object) -> None:
        """Offer what an app manifest (version 2) says, and nothing else."""
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        self.commands = {one["command"] for one in parts(features, "slash_commands")}
        self.shortcuts = {
            (one["type"], one["name"]): one["callback_id"] for one in parts(features, "shortcuts")
        }
        self.scopes = set(manifest["oauth_config"]["scopes"]["bot"])
        self.events = set(settings.get("event_subscriptions", {}).get("bot_events", []))

    def command(self, name: str) -> str:
        """The name, when there is such a command."""
        if name not in self.commands or "commands" not in self.scopes:
            raise NotOffered(f"{name} is not a valid command")
        return name

    def callback(self, kind: str, name: str) -> str:
        """The callback id of a shortcut."""
        if (kind, name) not in self.shortcuts or "commands" not in self.scopes:
            raise NotOffered(f"no {kind} shortcut {name!r} among {list(self.shortcuts)}")
        return self.shortcuts[kind, name]

    def hears(self, event: Object) -> bool:
        """Whether the app subscribed to an event, and has the scope for it."""
        kind = event["type"]
        if kind == "message":
            places = {"channel": "channels", "group": "groups", "im": "im"}
            place = places[event["channel_type"]]
            return f"message.{place}" in self.events and f"{place}:history" in self.scopes
        if kind == "app_mention" and "app_mentions:read" not in self.scopes:
            return False
        if kind.startswith("reaction_") and "reactions:read" not in self.scopes:
            return False
        return kind in self.events
