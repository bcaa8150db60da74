"""The vendor-conflict rule: a model does not judge its own maker unmarked."""

import re
from itertools import pairwise

_COMPANIES: dict[str, str] = {
    "OpenAI": "openai",
    "Mistral AI": "mistral",
    "Anthropic": "anthropic",
    "Google": "google deepmind",
    "Meta": "meta",
    "Alibaba": "alibaba qwen",
    "DeepSeek": "deepseek",
    "xAI": "xai",
    "Microsoft": "microsoft",
    "Cohere": "cohere",
    "NVIDIA": "nvidia",
    "Moonshot AI": "moonshot",
    "Z.ai": "zai zhipu",
    "MiniMax": "minimax",
    "Amazon": "amazon",
}
"""What a maker is called as a vendor. Its models' names may be in another's, as in Nova or Command."""

_MODELS: dict[str, str] = {
    "OpenAI": "gpt o1 o3 o4 chatgpt codex",
    "Mistral AI": "mixtral ministral codestral devstral magistral pixtral voxtral",
    "Anthropic": "claude",
    "Google": "gemini gemma",
    "Meta": "llama",
    "xAI": "grok",
    "Microsoft": "phi",
    "Cohere": "command aya",
    "NVIDIA": "nemotron",
    "Moonshot AI": "kimi",
    "Z.ai": "glm",
    "Amazon": "nova",
}
_MAKER_OF = {
    name: maker
    for names in (_COMPANIES, _MODELS)
    for maker in names
    for name in names[maker].split()
}
_NAME = re.compile(rf"({'|'.join(_MAKER_OF)})(?:ai)?(?![a-z])")
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
            if found := _NAME.match(spelling):
                return _MAKER_OF[found[1]]
    return _PROVIDERS.get(provider)


def makers_named(vendor: str | None) -> frozenset[str]:
    """Return which makers of models a tool's `vendor` is. Example: OpenAI for "OpenAI Inc."."""
    return frozenset(maker for maker in _COMPANIES if is_own_maker(maker, vendor))


def is_own_maker(maker: str | None, vendor: str | None) -> bool:
    """Tell whether the tool's `vendor` is the `maker` of the model that would judge it."""
    if maker is None or not vendor:
        return False
    words = _WORDS.findall(vendor.casefold())
    return not set(_COMPANIES[maker].split()).isdisjoint((*words, *map("".join, pairwise(words))))
