"""OpenAI through its own SDK: calls, and its batch service."""

from panel.adapters.openai_api.completing import OpenAI

__all__ = ["OpenAI"]
