"""Mistral through its own SDK: calls, and its batch service."""

from panel.adapters.mistral_api.completing import Mistral

__all__ = ["Mistral"]
