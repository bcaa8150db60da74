"""Providers: whatever completes a request, and the middleware around it."""
