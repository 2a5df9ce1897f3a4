"""sora-bot: AI video for team chat; this package is the platform-neutral core."""

from importlib.metadata import version

__version__ = version("sora-bot")
