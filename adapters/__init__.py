"""The outside world: chats, providers, media tools. Sees ports, domain, errors and words only."""
