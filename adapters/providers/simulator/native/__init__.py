"""Providers with task APIs of their own, as the simulator speaks them: one module each."""
