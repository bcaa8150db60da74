"""Whether a text plays a part that is not its own: a system message, an answer, the end of a fence."""

import re
from collections.abc import Iterator

from panel.screening.addressing import Demand
from panel.screening.folding import listed
from panel.screening.meanings import (
    APPROVE,
    DISMISS,
    GIVE,
    ORDERS,
    REVIEWER,
    RUBRIC,
    SCORE,
    SHIP,
    TEN,
    TOP,
    VERDICT,
)
from panel.screening.phrasing import Worded, meanings_in, words_in

_REACH_OF_SCORE = 60
_REACH = 400  # characters after a label in which its purpose shows

_START = r"(?:^|(?<=[.!?] )|(?<=[.!?]\n))[ \t]*"
_SYSTEM = (
    r"(?:system|systeme|sistema|система|系统|系統|システム|sys|admin|administrator|developer|operator|root)"
    r"(?:[ _-]?(?:message|prompt|override|instructions?|notice|update|command))?"
)
_FRAMED_SYSTEM = re.compile(
    rf"(?m){_START}(?:[#*=>-]{{0,6}}\s?)"
    rf"(?:\[{_SYSTEM}\]|<{_SYSTEM}>|\({_SYSTEM}\)|\{{\{{#?{_SYSTEM}\}}\}}|<<{_SYSTEM}>>)"
)
_LABELLED_SYSTEM = re.compile(
    rf"(?m){_START}(?:[#*=>%$@/|~+;!<-]{{0,6}}\s?){_SYSTEM}\s{{0,3}}(?:[*=#]{{0,6}}[:：\n]|[>%$@/|~+-]{{2,6}})"
)
_ANSWER = re.compile(rf"(?m){_START}(?:[#*=>-]{{0,6}}\s?)(?:assistant|ai|model|bot|response)\s?:")
_NEW_TASK = re.compile(
    r"\b(?:new|updated|revised|real|actual|true|your) "
    r"(?:task|instructions?|objective|directives?|orders|assignment|rules?|policy)"
    r"\s?(?::|is to\b|are to\b)"
)
_FENCED = (
    r"(?:tool|product|vendor|untrusted|user|submission|external|source)?[ _-]?"
    r"(?:description|documents?|data|input|context|text|content|submission|entry|prompt|message"
    r"|tool|untrusted|vendor|quote|block)"
)
_CLOSING_TAG = re.compile(rf"</\s?({_FENCED})\s?>")
_ROLE_TAG = re.compile(
    r"<(instructions?|system|system_prompt|assistant|admin|override|developer|human|important"
    r"|reviewer_instructions?)>"
)
_BREAK = r"(?:^|(?<=[.!?] ))"
_EDGE = r"[\s\"'`~*#=_<>\[\](){}.:!-]{0,40}"
_END_OF_FENCE = re.compile(
    rf"(?m){_BREAK}{_EDGE}(?:end|ende|fin|fine|einde|конец)"
    rf"(?: (?:of|der|des|de|della|del|da|do|van|la|the))"
    rf"{{0,3}} (?:\w{{1,20}} ){{0,2}}(?:{_FENCED}|beschreibung|descripcion|descrizione|descricao"
    rf"|beschrijving|описания|texte|texto|testo|tekst){_EDGE}$"
)
_START_OF_ORDERS = re.compile(
    rf"(?m){_BREAK}{_EDGE}(?:begin|start|beginning)"
    rf"(?: of)?(?: the)?(?: (?:new|real|system|reviewer|judge"
    rf"|trusted)){{0,3}} (?:instructions?|prompt|system message|orders){_EDGE}$"
)
_MARKER_LENGTH = 32
_LONE_MARKER = re.compile(rf"(?m)^[0-9a-f]{{{_MARKER_LENGTH}}}$")
_SCORECARD = re.compile(r"scores?[\"']?\s?[:=]>?\s?[\[{]([^\]}]{1,400})[\]}]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ROW_OF_TENS = re.compile(r"\b(10|5)(?:\s?[,;/|]\s?\1){2,20}\W{1,6}ship\b")
_FULL_ANSWER = re.compile(r"\bship\b|\bscorecard\b|\b(10|5)\s?/\s?\1\b")


_SYSTEM_CUES = listed(
    "system systeme sistema система sys admin administrator developer operator root"
)
_ANSWER_CUES = listed("assistant ai model bot response")
_TASK_CUES = listed(
    "task instruction instructions objective directive directives orders assignment rule rules policy"
)
_END_CUES = listed("end ende fin fine einde конец begin start beginning")
_PURPOSES = listed("policy policies review reviews override approved")
_FEWEST_SCORES = 3
_TOP_MARKS = frozenset(("10", "5", "100", "10.0", "5.0"))
_ORDERING = DISMISS | ORDERS | REVIEWER | RUBRIC | SHIP | VERDICT


def find_fake_turn(worded: Worded) -> Demand | None:
    """Return the first place where a text poses as somebody other than the vendor, or None."""
    for what, find in (
        ("poses as a system message", _system_messages),
        ("poses as an answer", _answers),
        ("imitates the end of its fence", _fence_ends),
        ("announces new orders", _new_tasks),
    ):
        for match in find(worded):
            return Demand(what, *match.span())
    return None


def _system_messages(worded: Worded) -> Iterator[re.Match[str]]:
    text = worded.text
    if not _SYSTEM_CUES.isdisjoint(worded.words) or "系" in text or "シ" in text:
        yield from _FRAMED_SYSTEM.finditer(text)
        yield from _labelled(text)
    if "</" in text:
        for tag in _ROLE_TAG.finditer(text):
            end = text.find(f"</{tag[1]}>", tag.end(), tag.end() + _REACH)
            if end > 0 and meanings_in(text[tag.end() : end]) & (_ORDERING | SCORE):
                yield tag


def _labelled(text: str) -> Iterator[re.Match[str]]:
    """Yield the labels of a system message that are followed by orders, or by a score to give."""
    for match in _LABELLED_SYSTEM.finditer(text):
        scored = meanings_in(text[match.end() : match.end() + _REACH_OF_SCORE])
        if (scored & GIVE and scored & (TOP | TEN)) or _is_of_purpose(text, match, _ORDERING):
            yield match


def _answers(worded: Worded) -> Iterator[re.Match[str]]:
    text = worded.text
    if not _ANSWER_CUES.isdisjoint(worded.words) and ":" in text:
        for match in _ANSWER.finditer(text):
            if _FULL_ANSWER.search(text, match.end(), match.end() + _REACH):
                yield match
    if "{" in text or "[" in text:
        for match in _SCORECARD.finditer(text):
            numbers = _NUMBER.findall(match[1])
            if (
                len(numbers) >= _FEWEST_SCORES
                and len(set(numbers)) == 1
                and numbers[0] in _TOP_MARKS
            ):
                yield match
    if "ship" in worded.words:
        yield from _ROW_OF_TENS.finditer(text)


def _fence_ends(worded: Worded) -> Iterator[re.Match[str]]:
    text = worded.text
    if "</" in text:
        for tag in _CLOSING_TAG.finditer(text):
            if text.find(f"<{tag[1]}", 0, tag.start()) < 0:
                yield tag
    if not _END_CUES.isdisjoint(worded.words):
        yield from _END_OF_FENCE.finditer(text)
        yield from _START_OF_ORDERS.finditer(text)
    if _MARKER_LENGTH in worded.lengths:
        yield from _LONE_MARKER.finditer(text)


def _new_tasks(worded: Worded) -> Iterator[re.Match[str]]:
    if not _TASK_CUES.isdisjoint(worded.words):
        yield from _with_purpose(worded.text, _NEW_TASK, _ORDERING | SCORE | TOP | APPROVE)


def _with_purpose(text: str, label: re.Pattern[str], purpose: int) -> Iterator[re.Match[str]]:
    return (match for match in label.finditer(text) if _is_of_purpose(text, match, purpose))


def _is_of_purpose(text: str, label: re.Match[str], purpose: int) -> bool:
    after = text[label.end() : label.end() + _REACH]
    return bool(meanings_in(after) & purpose) or not _PURPOSES.isdisjoint(words_in(after))
