"""What an editor must look at before a tool goes on."""

from typing import Literal

from pydantic import field_validator

from panel.domain.cleaning import clean_text
from panel.domain.value import Value

FlagKind = Literal[
    "addresses_reviewers",
    "hidden_text",
    "encoded_instruction",
    "control_tokens",
    "screening_limit",
    "name_mismatch",
    "witnessed",
    "canary",
    "own_maker",
    "intake_failed",
    "intake_facts",
    "text_cut",
    "prompt_cut",
    "substitute",
    "ballot",
]

OF_THE_PANEL: frozenset[FlagKind] = frozenset({"witnessed", "canary"})
"""What the panel itself found to hold a tool for."""
ADDRESSING: frozenset[str] = frozenset(
    {"addresses_reviewers", "hidden_text", "encoded_instruction", "control_tokens", "witnessed"}
)
"""What is said of a text that tries to speak to the reviewers, by the code or by one of them."""
EXCERPT_WORDS = 12
EXCERPT_CHARACTERS = 160


class Flag(Value):
    """Something about a tool that a person should see.

    `message` is one sentence for an editor. `excerpt` is the passage that caused it: cleaned, on one
    line, at most 12 words and 160 characters whatever was handed in. `holds` says that the tool may
    not be published, or sent to a panel unattended, before a person has looked.
    """

    kind: FlagKind
    message: str
    excerpt: str | None = None
    holds: bool

    @field_validator("excerpt")
    @classmethod
    def _safe_to_show(cls, passage: str | None) -> str | None:
        return None if passage is None else excerpt(passage) or None


def excerpt(passage: str) -> str:
    """Return a passage as it may be shown: cleaned, on one line, at most 12 words, 160 characters."""
    words = clean_text(passage).split()
    cut = " ".join(words[:EXCERPT_WORDS])[:EXCERPT_CHARACTERS]
    return clean_text(cut).rstrip()  # the cut may have left a joiner joining nothing
