"""What sites add round the text of an item, taken off by its form."""

import re
from typing import Final

from panel.feeds.markup import links_in

_LABELLED: Final = re.compile(
    r"(?<!\s)\s*+#?\s?[A-Z][a-zA-Z]{1,15}(?: [a-zA-Z]{2,15})?:\s{0,3}(?:https?://\S{1,500}|\d{1,9})(?=\s|\Z)"
)
_SUBMITTED: Final = re.compile(r"(?<!\s)\s*+\bsubmitted\s+by\s+/?u/[\w-]{1,40}")
_BARS: Final = frozenset("|·•[]")
_BETWEEN: Final = " \t\n|·•[]"
_NOT_NOTES: Final = re.compile(
    r"https?://\S{1,500}|@[\w-]{1,60}|#\d{1,9}|v?\d{1,9}(?:\.\d{1,9})+\S{0,40}"
)
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS: Final = 5
_FEW_WORDS: Final = 3
_SHORT: Final = 40
_MOST_LINKS: Final = 6


def without_link_bar(text: str, html: str) -> str:
    """Return `text` without short links at its end: "Discussion | Link", or "Read more" alone.

    Several count where a bar, a dot or brackets part them, one where it is a paragraph of its own.
    """
    labels = [label for label, _ in links_in(html) if 0 < len(label) <= _SHORT] if html else []
    rest, cut, parted = text.rstrip(), 0, False
    for label in reversed(labels[-_MOST_LINKS:]):
        before = rest.rstrip(_BETWEEN)
        if not before.endswith(label):
            break
        parted = parted or (cut > 0 and not _BARS.isdisjoint(rest[len(before) :]))
        rest, cut = before.removesuffix(label), cut + 1
    alone = cut == 1 and rest[-1:] in ("\n", "") and len(labels[-1].split()) <= _FEW_WORDS
    return rest.rstrip(_BETWEEN) if parted or alone else text


def without_labels(text: str) -> str:
    """Return `text` without the lines at its end that are a label and an address or a number.

    So Hacker News ends an item: "Article URL: ... Points: 5 # Comments: 2".
    """
    start = end = 0
    for found in _LABELLED.finditer(text):
        start = start if found.start() == end and start else found.start() + 1
        end = found.end()
    return text[: start - 1].rstrip() if start and not text[end:].strip() else text


def without_submitter(text: str, html: str) -> str:
    """Return the text of a Reddit post without who submitted it and the links behind that."""
    last = None
    for found in _SUBMITTED.finditer(text):
        last = found
    if last is None or not any("/u/" in href or "/user/" in href for _, href in links_in(html)):
        return text
    return text[: last.start()].rstrip()


def has_notes(text: str) -> bool:
    """Return whether the notes of a release say anything: links, names and numbers do not."""
    words = _WORD.findall(_NOT_NOTES.sub(" ", text))
    return len(words) >= _FEWEST_WORDS
