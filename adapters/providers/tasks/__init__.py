"""Backends with task APIs of their own, behind the same port: one wire module each."""
