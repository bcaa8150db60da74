"""Mistral through its own SDK: calls, and its batch service."""

from panel.providers.mistral.completing import Mistral

__all__ = ["Mistral"]
