"""The command line as a chat."""
