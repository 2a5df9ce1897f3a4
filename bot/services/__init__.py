"""Use cases: one transaction each, reached through ports only."""
