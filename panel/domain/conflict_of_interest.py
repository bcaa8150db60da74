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
    "NVIDIA": ("nemotron", "nvidia"),
    "Moonshot AI": ("kimi", "moonshot"),
    "Z.ai": ("glm", "zhipu", "zai"),
    "MiniMax": ("minimax",),
    "Amazon": ("nova", "amazon"),
}
_MAKER_OF = {stem: maker for maker, stems in _MAKERS.items() for stem in stems}
_STEM = re.compile(rf"({'|'.join(_MAKER_OF)})(?:ai)?(?![a-z])")
_PROVIDERS = {
    "openai": "OpenAI",
    "mistral": "Mistral AI",
    "anthropic": "Anthropic",
    "gemini": "Google",
    "deepseek": "DeepSeek",
}
_ON_THIS_MACHINE = "local"  # its folders are not a maker's
_WORDS = re.compile(r"[a-z]+\d*|\d+")


def maker_of(provider: str, model: str) -> str | None:
    """Return who made `model`; None where nobody can tell.

    A router's `vendor/model` names the maker before the slash; else the model's name tells it, and
    then the service that it is asked at. `openai` is a protocol as well as a maker: a model whose name
    tells another maker is that maker's, whatever it is served by. Example:
    `maker_of("openrouter", "mistralai/x")` is `"Mistral AI"`.
    """
    *folders, name = model.casefold().split("/")
    if provider == _ON_THIS_MACHINE:
        folders = []
    for place in (*reversed(folders), name):
        # A hyphen or a point may stand within a maker's name, as in x-ai and z.ai.
        for spelling in (place, place.replace("-", "").replace(".", "")):
            if found := _STEM.match(spelling):
                return _MAKER_OF[found[1]]
    return _PROVIDERS.get(provider)


def makers_named(vendor: str | None) -> frozenset[str]:
    """Return which makers of models a tool's `vendor` is. Example: OpenAI for "OpenAI Inc."."""
    return frozenset(maker for maker in _MAKERS if is_own_maker(maker, vendor))


def is_own_maker(maker: str | None, vendor: str | None) -> bool:
    """Tell whether the tool's `vendor` is the `maker` of the model that would judge it."""
    if maker is None or not vendor:
        return False
    words = _WORDS.findall(vendor.casefold())
    names = {*_MAKERS[maker], maker.casefold().split()[0]}
    return not names.isdisjoint((*words, *map("".join, pairwise(words))))
