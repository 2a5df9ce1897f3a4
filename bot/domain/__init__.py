"""Nouns and rules: pure values, no await, no clock, no I/O."""
