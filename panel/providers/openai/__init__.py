"""OpenAI through its own SDK: calls, and its batch service."""

from panel.providers.openai.completing import OpenAI

__all__ = ["OpenAI"]
