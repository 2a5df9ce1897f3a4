"""Slack: slash commands, mentions, forms, cards and videos, on slack-bolt."""
