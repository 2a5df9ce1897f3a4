"""Discord: slash commands, cards, buttons and videos, on discord.py."""
