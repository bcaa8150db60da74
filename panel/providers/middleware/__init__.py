"""Middleware: providers that wrap a provider."""
