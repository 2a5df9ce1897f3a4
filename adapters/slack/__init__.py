"""Slack: commands, shortcuts, cards, buttons and videos, on slack-bolt."""
