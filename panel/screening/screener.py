"""What a tool's texts try on the people and models who read them."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping

from panel.domain.cleaning import Cleaned, clean, control_tokens
from panel.domain.flag import Flag
from panel.screening.addressing import Demand, find_demand, hints_at_demand
from panel.screening.encoded_text import decodings
from panel.screening.folding import folded
from panel.screening.hidden_text import hidden_in_markup, hidden_in_signs, speaks
from panel.screening.lexicon import MEANINGS
from panel.screening.name_check import other_name
from panel.screening.phrasing import Worded
from panel.screening.respelled_text import Decoding

_STRUCK_THROUGH = frozenset(("<s>", "</s>"))
_OWN_WORD_LENGTH = 4


def screen(name: str, fields: Mapping[str, str]) -> tuple[Flag, ...]:
    """Return what a person should see before the tool goes on, field by field; often nothing.

    `fields` holds the raw texts by field name, before cleaning: hidden characters are evidence.
    Each kind of flag is raised at most once a field. It is a help to the editor and no guarantee:
    what keeps the vendor from the jury is the fence, the schema and the rule that computes the
    verdict. Any text may come in; none raises.
    """
    texts = {"name": name} | {field: text for field, text in fields.items() if field != "name"}
    cleaned = {field: clean(text) for field, text in texts.items()}
    own = _own_words(cleaned["name"].text)
    flags = [
        flag
        for field, raw in texts.items()
        for flag in _field_flags(field, raw, cleaned[field], own)
    ]
    plain = {field: text.text for field, text in cleaned.items()}
    if found := other_name(plain["name"], plain):
        flags.append(
            Flag(
                kind="name_mismatch",
                message=f"The title says {found.titled}, the text {found.texted}.",
                excerpt=found.texted,
                holds=False,
            )
        )
    return tuple(flags)


def _own_words(name: str) -> frozenset[str]:
    words = Worded.of(name).words - MEANINGS.keys()
    return frozenset(word for word in words if len(word) >= _OWN_WORD_LENGTH)


def _field_flags(field: str, raw: str, cleaned: Cleaned, own: frozenset[str]) -> Iterator[Flag]:
    worded = Worded.of(cleaned.text)
    demand = find_demand(worded, own)
    if demand:
        yield Flag(
            kind="addresses_reviewers",
            message=f"The {field} speaks to its reviewers: it {demand.what}.",
            excerpt=_passage(cleaned.text, worded.text, demand),
            holds=True,
        )
    if hidden := hidden_in_signs(raw, cleaned):
        yield Flag(
            kind="hidden_text",
            message=f"The {field} hides text in signs that nobody sees.",
            excerpt=hidden,
            holds=True,
        )
    elif unseen := hidden_in_markup(raw):
        yield Flag(
            kind="hidden_text",
            message=f"The {field} has text in its markup that readers do not see.",
            excerpt=unseen,
            holds=speaks(unseen),
        )
    for decoding in decodings(cleaned.text, worded):
        if decoding.whole and demand:
            continue
        read = Worded.of(clean(decoding.text).text)
        asked = find_demand(read, own)
        if asked or _hints(decoding, read, worded):
            yield Flag(
                kind="encoded_instruction",
                message=f"The {field} speaks to its reviewers in code: {decoding.way}.",
                excerpt=read.text[asked.start if asked else 0 :],
                holds=True,
            )
            break
    if any(gone.kind == "chat_token" for gone in cleaned.removed) and _has_control_token(raw):
        yield Flag(
            kind="control_tokens",
            message=f"The {field} holds control signs of a chat template; they were taken out.",
            holds=True,
        )


def _hints(decoding: Decoding, read: Worded, plain: Worded) -> bool:
    """Whether what shows only once it is decoded has to do with reviewing, if nobody asks plainly."""
    if decoding.way == "escapes":
        return False
    return hints_at_demand(read.words - plain.words if decoding.whole else read.words)


def _has_control_token(raw: str) -> bool:
    tokens = control_tokens(raw)
    return not tokens or not _STRUCK_THROUGH.issuperset(token.lower() for token in tokens)


def _passage(text: str, plain: str, demand: Demand) -> str:
    """Return the demand as it was written: folding may have changed the length of what precedes."""
    if len(plain) == len(text):
        return text[demand.start :]
    start = bisect_left(range(len(text)), demand.start, key=lambda end: len(folded(text[:end])))
    return text[start:]
