"""Adapters: each owns one thing outside the process, and none knows another."""
