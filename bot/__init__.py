"""sora-bot: AI video for team chat; this package is the platform-neutral core."""
