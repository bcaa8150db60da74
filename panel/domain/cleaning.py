"""Text as a model may see it: no hidden characters, no chat control tokens."""

import re
from collections import Counter
from typing import Literal

from panel.domain.value import Value

RemovalKind = Literal[
    "zero_width",
    "joiner",
    "soft_hyphen",
    "variation_selector",
    "tag",
    "bidi",
    "control",
    "surrogate",
    "chat_token",
    "token_bracket",
]


class Removal(Value):
    """How many of one kind were taken out: characters, or whole tokens for `chat_token`."""

    kind: RemovalKind
    count: int


class Cleaned(Value):
    """A text with nothing hidden in it, and what was taken out, most frequent first."""

    text: str
    removed: tuple[Removal, ...] = ()


# Sources: Unicode 15 DerivedCoreProperties (Default_Ignorable_Code_Point), emoji-data.txt.
_CLASSES: tuple[tuple[RemovalKind, str], ...] = (
    ("soft_hyphen", r"\u00ad"),
    ("bidi", r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"),
    ("joiner", r"\u200c\u200d"),
    ("variation_selector", r"\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"),
    ("tag", r"\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"),
    ("surrogate", r"\ud800-\udfff"),
    (
        "control",
        r"\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef"
        + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(17)),
    ),
    (
        "zero_width",
        r"\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u3164\ufeff\uffa0\ufff0-\ufffb"
        r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a",
    ),
)
_OF_CLASS = tuple((kind, re.compile(f"[{members}]")) for kind, members in _CLASSES)
_HIDDEN = "".join(members for _, members in _CLASSES)
_ANY_HIDDEN = re.compile(f"[{_HIDDEN}]")

# Scripts in which a joiner changes what is read, and the signs after which one may end a word.
_JOINING = (
    r"\u0600-\u061b\u061d-\u06ff\u0700-\u074f\u0750-\u077f\u07c0-\u07ff\u0840-\u08ff\u0900-\u0dff"
    r"\u0f00-\u0fff\u1000-\u109f\u1780-\u17b3\u17b6-\u17ff\u1820-\u18aa\u1a20-\u1aaf\u1b00-\u1bff"
    r"\ua840-\ua8ff\ua980-\ua9ff\uaa60-\uaa7f\uabc0-\uabff\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefe"
    r"\U00011000-\U0001107f\U0001e900-\U0001e95f"
)
_VIRAMA = r"\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2"
_PICTURE = (
    r"\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2934\u2935"
    r"\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_FLAG_TAGS = "|".join(
    "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
    for region in ("gbeng", "gbsct", "gbwls")
)
_KEPT = (
    rf"(?<=[{_JOINING}])[\u200c\u200d](?=[\u200c\u200d]*[{_JOINING}])"
    rf"|(?<=[{_VIRAMA}])[\u200c\u200d]"
    rf"|(?:(?<=[{_PICTURE}])|(?<=[{_PICTURE}]\ufe0f))\u200d(?=[{_PICTURE}])"
    rf"|(?<=[{_PICTURE}])[\ufe0e\ufe0f]"
    r"|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    r"|(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]"
    rf"|(?<=\U0001f3f4)(?:{_FLAG_TAGS})"
)
_MAYBE_KEPT = r"\u200c\u200d\ufe0e\ufe0f\u180b-\u180d\u180f\U000e0061-\U000e007f"
_SHOWN_OR_KEPT = re.compile(f"[^{_HIDDEN}]++|(?=[{_MAYBE_KEPT}])(?:{_KEPT})")
_ASCII_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

_UNCLEAN = re.compile(f"[\u2028\u2029{_HIDDEN}]")
_LINE_END = re.compile(r"\r\n?|[\u2028\u2029]")

_ROLE = (
    r"im_start|im_end|im_sep|system|user|assistant|tool|developer|endoftext|end|eot_id|eom_id"
    r"|start_header_id|end_header_id|begin_of_text|end_of_text|endofprompt|channel|message|start"
    r"|return|call|constrain|python_tag|start_of_role|end_of_role"
)
_TOKEN = re.compile(
    # What each begins with: most brackets are told from a token by it.
    r"(?=[<＜](?:[|｜]\s?[\w▁.:/-]|[\w/]|\s[|｜]|<\s{0,2}[/s])|\[\s{0,2}[|/a-z])(?:"
    r"[<＜][|｜][\w▁.:/-]{1,64}[|｜][>＞]"  # ChatML, Llama 3, Phi, Command R, Harmony, DeepSeek
    rf"|[<＜]\s?[|｜]\s?(?=\w)(?:{_ROLE})\s?[|｜]\s?[>＞]"
    r"|<\|\w{1,64}>|<\w{1,64}\|>"  # Gemma 4
    r"|\[\|\w{1,64}\|\]"  # EXAONE
    r"|\[\s?/?\s?inst\s?\]|<<\s?/?\s?sys\s?>>"  # Llama 2, Mistral
    r"|(?-i:\[/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|CALL_ID|THINK"
    r"|MODEL_SETTINGS|IMG_BREAK|IMG_END|BEGIN_AUDIO|gMASK|sMASK)\])"
    r"|</?(?:s|bos|eos|sop|eop|eod|pad|unk)>"
    r"|</?(?:start_of_turn|end_of_turn|start_of_image|end_of_image|end_of_utterance)>"
    r"|<(?:extra_id|reserved|reserved_token|special|unused)_?\d{1,5}>)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[<>\[\]|＜＞｜]")

_TOKEN_ROUNDS = 3


def clean(text: str) -> Cleaned:
    r"""Return the text without what a reader cannot see or a model would take for a control sign.

    Taken out: invisible characters, bidi and C0/C1 controls (newline and tab stay), lone surrogates
    and noncharacters, control tokens of known chat templates. Kept: joiners between letters of
    scripts that need them and inside emoji, one variation selector after a picture, the flags of
    England, Scotland and Wales. Line ends become "\n". The result is never longer than the text,
    holds nothing removable, and cleaning it again changes nothing.
    """
    removed: Counter[RemovalKind] = Counter()
    text = _clean(text, removed)
    return Cleaned(
        text=text,
        removed=tuple(Removal(kind=kind, count=n) for kind, n in removed.most_common()),
    )


def clean_text(text: str) -> str:
    """Return the text of `clean` alone."""
    return _clean(text, Counter()) if _has_what_must_go(text) or _has_brackets(text) else text


def _clean(text: str, removed: Counter[RemovalKind]) -> str:
    has_hidden, has_brackets = _has_what_must_go(text), _has_brackets(text)
    if has_hidden:
        text = _without_hidden(_LINE_END.sub("\n", text), removed)
    if has_brackets:
        text = _without_tokens(text, removed)
    return text


def without_hidden(text: str) -> str:
    """Return the text without what a reader cannot see: as `clean`, chat control tokens left in."""
    return (
        _without_hidden(_LINE_END.sub("\n", text), Counter()) if _has_what_must_go(text) else text
    )


def control_tokens(text: str) -> tuple[str, ...]:
    """Return the chat control tokens that stand in the text, in their order."""
    return tuple(match.group() for match in _TOKEN.finditer(text))


def _has_what_must_go(text: str) -> bool:
    if text.isascii():
        return _ASCII_CONTROL.search(text) is not None
    return _UNCLEAN.search("".join(set(text))) is not None


def _has_brackets(text: str) -> bool:
    """Tell whether a text has a bracket that a control token begins with."""
    return "<" in text or "[" in text or "＜" in text


def _without_hidden(text: str, removed: Counter[RemovalKind]) -> str:
    cleaned = "".join(_SHOWN_OR_KEPT.findall(text))
    gone = Counter(_ANY_HIDDEN.findall(text))
    if len(text) - len(cleaned) < gone.total():
        gone.subtract(_ANY_HIDDEN.findall(cleaned))
    for sign, count in gone.items():
        if count:
            removed[next(kind for kind, of_class in _OF_CLASS if of_class.match(sign))] += count
    return cleaned


def _without_tokens(text: str, removed: Counter[RemovalKind]) -> str:
    for _ in range(_TOKEN_ROUNDS):
        text, found = _TOKEN.subn("", text)
        if not found:
            return text
        removed["chat_token"] += found
    if _TOKEN.search(text):
        # Tokens nested this deep are an attack; without brackets no token can form, in one pass.
        text, found = _BRACKETS.subn("", text)
        removed["token_bracket"] += found
    return text
