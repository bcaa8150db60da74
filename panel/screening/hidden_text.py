"""Whether a text hides something from the person who reads it."""

import re

from panel.domain.cleaning import Cleaned
from panel.screening.instructions import hints_at_instruction
from panel.screening.normalization import normalize
from panel.screening.tokens import lists_of, words_in
from panel.screening.words import Word

_PRAISE = Word.TOP | Word.FAVOUR | Word.APPROVE | Word.SHIP
_SPEECH = Word.THIS | Word.REVIEWER | Word.MACHINE | Word.GIVE | Word.REVEAL
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}+\U000e007f")
_TAGS = re.compile("[\U000e0000-\U000e007f]++")
_SELECTOR = "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
_SELECTORS = re.compile(f"{_SELECTOR}{{2,}}+")
_SELECTORS_AFTER_ASCII = re.compile(f"(?<=[ -~]){_SELECTOR}(?!\u20e3)")
_FIRST_OF_256 = ord("\U000e0100")
_FIRST_OF_16 = ord("\ufe00")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_OVERRIDES = re.compile("[\u202d\u202e]")
_EMBEDDINGS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = "\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164\ufeff\uffa0"
_INSIDE_A_WORD = re.compile(f"[A-Za-z0-9\u00c0-\u052f][{_INVISIBLE}]++(?=[A-Za-z0-9\u00c0-\u052f])")
_RUN = re.compile(f"[{_INVISIBLE}]{{4,}}+")
_SPLIT_BY_HYPHENS = re.compile("\u00ad\\w(?=\u00ad)")
_MANY = 3

_LINK_COMMENT = re.compile(r"(?m)^\[[^\]\n]{0,40}\]:\s?(?:#|<>)\s?[(\"']([^\n]{1,2000})")
_MACHINE_MADE = re.compile(
    r"(?:/?wp:|\[if |SC_O|more\b|/?\s?google|end\b|start\b|begin\b|TODO|FIXME|XXX"
    r"|(?:this (?:file|page|section|table) (?:is|was) )?(?:auto-?\s?)?(?:generated|built|created|made)"
    r" (?:automatically )?(?:by|with|from|on)\b"
    r"|all-contributors|prettier|eslint|markdownlint|textlint|vim?:|toc\b|table of contents"
    r"|copyright|\(c\)|©|spdx|licen[cs]ed? (?:under|:)|do not edit|badges?\b|shields?\b"
    r"|[\w ./#-]{0,40}\b(?:section|block|header|footer|nav(?:bar|igation)?|menu|banner|container"
    r"|wrapper|column|row|widget|sidebar|content|area)(?: (?:starts?|ends?|begins?|here)){0,2}$)",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    r"<\w{1,20}(?:\s[^<>]{0,300}?(?:display\s?:\s?none|visibility\s?:\s?hidden"
    r"|(?:left|top|text-indent)\s?:\s?-\d{3,5}"
    r"|(?:font-size|opacity|max-height)\s?:\s?0(?![.\d]*[1-9])|font-size\s?:\s?1px)[^<>]{0,300}"
    r"|(?:\s[^<>]{0,300})?\shidden(?:=(?:\"\"|'hidden'|\"hidden\"))?\s?)>([^<]{1,2000})",
    re.IGNORECASE,
)


def hidden_in_signs(raw: str, cleaned: Cleaned) -> str | None:
    """Return what the raw text hides in signs that nobody sees, decoded where possible, or None.

    A stray zero-width space, a soft hyphen where a word may break or a direction mark in Arabic
    hides nothing; the cleaning takes them out and that is enough.
    """
    if not cleaned.removed:
        return None
    in_unicode = None
    if not raw.isascii():
        in_unicode = _in_tags(raw) or _in_selectors(raw) or _by_direction(raw) or _in_words(raw)
    controls = sum(gone.count for gone in cleaned.removed if gone.kind == "control")
    return in_unicode or (cleaned.text if controls >= _MANY else None)


def _in_tags(raw: str) -> str | None:
    tags = "".join(_TAGS.findall(_FLAG.sub("", raw)))
    return "".join(chr(ord(tag) - 0xE0000) for tag in tags) or None


def _in_selectors(raw: str) -> str | None:
    single = _SELECTORS_AFTER_ASCII.findall(raw)
    runs = [*_SELECTORS.findall(raw), "".join(single) if len(single) >= _MANY else ""]
    smuggled = (
        ord(sign) - (_FIRST_OF_16 if sign < "\U000e0100" else _FIRST_OF_256 - 16)
        for sign in max(runs, key=len)
    )
    return bytes(smuggled).decode("utf-8", "replace") or None


def _by_direction(raw: str) -> str | None:
    signs = _EMBEDDINGS if not _RIGHT_TO_LEFT.search(raw) else _OVERRIDES
    match = signs.search(raw)
    return raw[match.start() : match.start() + 200] if match else None


def _in_words(raw: str) -> str | None:
    first = _RUN.search(raw)
    for pattern in (_INSIDE_A_WORD, _SPLIT_BY_HYPHENS):
        found = pattern.findall(raw)
        if first is None and len(found) >= _MANY:
            first = pattern.search(raw)
    return raw[first.start() : first.start() + 400] if first else None


def hidden_in_markup(raw: str) -> str | None:
    """Return the first comment or unseen element of more than three words, or None.

    What a program or a developer leaves in a page is passed over, unless it praises or gives orders.
    """
    passages = [match[1] for match in _LINK_COMMENT.finditer(raw)] if "]:" in raw else []
    if "<" in raw:
        passages += _comments(raw)
        passages += [match[1] for match in _UNSEEN.finditer(raw)]
    for passage in passages:
        if len(passage.split()) > _MANY and (
            speaks(passage) or not _MACHINE_MADE.match(passage.strip())
        ):
            return passage
    return None


def speaks(passage: str) -> bool:
    """Whether a passage that nobody sees praises the tool or has to do with reviewing it."""
    words = frozenset(words_in(normalize(passage)))
    present = lists_of(words)
    return bool(present & _PRAISE and present & _SPEECH) or hints_at_instruction(words)


def _comments(raw: str) -> list[str]:
    """Return what stands in the comments; one that is not closed runs to the end, as in a browser."""
    return [part.partition("-->")[0] for part in raw.split("<!--")[1:]]
