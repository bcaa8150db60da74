"""The vendor-conflict rule: a model does not judge its own maker unmarked."""

import re
from itertools import pairwise

_MAKERS: dict[str, tuple[str, ...]] = {
    "OpenAI": ("gpt", "o1", "o3", "o4", "chatgpt", "openai", "codex"),
    "Mistral AI": (
        "mistral",
        "mixtral",
        "ministral",
        "codestral",
        "devstral",
        "magistral",
        "pixtral",
        "voxtral",
    ),
    "Anthropic": ("claude", "anthropic"),
    "Google": ("gemini", "gemma", "google", "deepmind"),
    "Meta": ("llama", "meta"),
    "Alibaba": ("qwen", "alibaba"),
    "DeepSeek": ("deepseek",),
    "xAI": ("grok", "xai"),
    "Microsoft": ("phi", "microsoft"),
    "Cohere": ("command", "cohere", "aya"),
}
_STEMS = {maker: re.compile(rf"(?:{'|'.join(stems)})(?![a-z])") for maker, stems in _MAKERS.items()}
_PROVIDERS = {"openai": "OpenAI", "mistral": "Mistral AI"}
_WORDS = re.compile(r"[a-z]+\d*|\d+")


def maker_of(provider: str, model: str) -> str | None:
    """Return who made `model`, by its name and then by its provider; None where nobody can tell.

    `openai` is a protocol as well as a maker: a model whose name tells another maker is that
    maker's, whatever it is served by.
    """
    name = model.casefold().rsplit("/", 1)[-1]
    for maker, stems in _STEMS.items():
        if stems.match(name):
            return maker
    return _PROVIDERS.get(provider)


def is_own_maker(maker: str | None, vendor: str | None) -> bool:
    """Tell whether the tool's `vendor` is the `maker` of the model that would judge it."""
    if maker is None or not vendor:
        return False
    words = _WORDS.findall(vendor.casefold())
    names = {*_MAKERS[maker], maker.casefold().split()[0]}
    return not names.isdisjoint((*words, *map("".join, pairwise(words))))
