"""The command line as a chat: one person, one place, a progress bar instead of a card."""
