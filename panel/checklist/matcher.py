"""Matching: which signals a description has, and where its words deny one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from panel.checklist.phrases import compile_phrases
from panel.checklist.prose import Prose, Sentence
from panel.checklist.signals import Side, Signal, Signals
from panel.checklist.subject import is_said_of_offer, is_said_of_service, is_said_of_tool
from panel.checklist.wording import Wording, read_wording

_CLAUSE_ENDS = re.compile(
    r" (?:[;:()?!—–\x1f]|but|however|yet|although|though|because|so|which)(?= )"
)
_NEW_THOUGHT = re.compile(
    r" (?:[,;()?!—–\x1f]|and|or|nor|but|however|which|that|who|because|so|if|when|while|unless|as"
    r"|until)(?= )"
)
_OR = re.compile(r" n?or ")
_LIST = re.compile(r"(?: [^ ]+){0,4} n?or ")  # "without ads, tracking or lock-in" denies all three
_LISTING = re.compile(r" (?:no|without|neither|nor) ")  # these deny all of "no ads and tracking"
_NOTICES = 5  # sentences at the head of a description in which a notice stands
_REACH, _BEHIND = 12, 5  # words before and behind a phrase by which it may be denied
_NEAR = 300  # characters in which they stand


class _Pattern(NamedTuple):
    """A pattern for words, and one for what has to stand in their sentence or in one next to it.

    `has_subject` where it matters of what the words are said.
    """

    words: re.Pattern[str]
    beside: re.Pattern[str] | None = None
    has_subject: bool = False


def _compile(signal: Signal) -> Iterator[_Pattern]:
    if signal.words:
        yield _Pattern(compile_phrases(signal.words), has_subject=signal.subject != "any")
    if signal.pair:
        yield _Pattern(compile_phrases(signal.pair.words), compile_phrases(signal.pair.beside))


@dataclass(frozen=True)
class Match:
    """Where a description has a signal: in which sentence, where in it, and in which words."""

    signal: Signal
    sentence: Sentence
    start: int
    words: str


class SignalMatcher:
    """Finds the signals of a description; made once for any number of them.

    Example: `SignalMatcher(load_signals()).find(prose)["price"].words` is "$9 per".
    """

    def __init__(self, signals: Signals) -> None:
        denials = signals.negations
        self._signals = [(one, tuple(_compile(one))) for one in signals.signals]
        self._unless = {s.name: compile_phrases(s.unless) for s in signals.signals if s.unless}
        self._traces = {s.name: compile_phrases(s.traces) for s in signals.signals if s.traces}
        self._no_tool = compile_phrases(signals.no_tool)
        self._idioms = compile_phrases(denials.idioms)
        self._before: dict[Side, re.Pattern[str]] = {
            "for": compile_phrases(denials.before + denials.before_for),
            "against": compile_phrases(denials.before + denials.before_against),
        }
        self._behind: dict[Side, re.Pattern[str]] = {
            "for": compile_phrases(denials.behind + denials.behind_for),
            "against": compile_phrases(denials.behind + denials.behind_against),
        }

    def find(self, prose: Prose) -> dict[str, Match]:
        """Return the first match of each signal that the description has, by the signal's name."""
        found: dict[str, Match] = {}
        sentences = (*prose.claims, *prose.sentences)
        wordings = [read_wording(sentence.text) for sentence in sentences]
        for number, (sentence, wording) in enumerate(zip(sentences, wordings, strict=True)):
            is_notice = number < len(prose.claims) + _NOTICES
            near = wordings[max(0, number - 1) : number + 2]
            for signal, patterns in self._signals:
                if signal.name in found or _only_names(signal, sentence):
                    continue
                matches = self._find_in(wording, signal, patterns, near)
                for start, end, has_subject in matches:
                    if not has_subject or _is_said(
                        signal, wording, start, end, prose.name, is_notice=is_notice
                    ):
                        words = " ".join(wording.words[start:end])
                        found[signal.name] = Match(signal, sentence, wording.starts[start], words)
                        break
        return found

    def _find_in(
        self,
        wording: Wording,
        signal: Signal,
        patterns: Sequence[_Pattern],
        near: Sequence[Wording],
    ) -> Iterator[tuple[int, int, bool]]:
        """Yield where words that are not denied begin and end, and whether their subject matters.

        Both are numbers of words.
        """
        side = signal.speaks
        for words, beside, has_subject in patterns:
            is_pair = beside is not None
            for match in self._counted(signal, words, wording.roots):
                before, after = wording.roots[: match.start() + 1], wording.roots[match.end(1) :]
                if self._is_denied(before, after, side, in_list=is_pair):
                    continue
                if beside and not any(self._is_stated(beside, one.roots, side) for one in near):
                    break  # it is looked for once a sentence
                yield wording.number(match.start()), wording.number(match.end(1)), has_subject

    def find_unclear(self, prose: Prose) -> frozenset[str]:
        """Return the names of signals of which something stands in the text, whoever says it.

        Such are a price in a table, a command to install in a block of code, and any number at all.
        """
        said = [read_wording(one.text).roots for one in (*prose.claims, *prose.sentences)]
        unread = [read_wording(line).roots for line in prose.unread]
        own = {
            one.name
            for one, (first, *_) in self._signals
            if first.beside is None and any(map(first.words.search, unread))
        }
        traced = {
            name
            for name, traces in self._traces.items()
            if any(self._is_stated(traces, roots, "for") for roots in said + unread)
        }
        return frozenset(own | traced)

    def _is_stated(self, phrases: re.Pattern[str], roots: str, side: Side) -> bool:
        """Tell whether one of `phrases` stands in a sentence and is not denied there."""
        return any(
            not self._is_denied(roots[: found.start() + 1], roots[found.end(1) :], side)
            for found in phrases.finditer(roots)
        )

    def _counted(
        self, signal: Signal, pattern: re.Pattern[str], roots: str
    ) -> Iterator[re.Match[str]]:
        """Yield the matches of `pattern` but for those inside what `signal` leaves out."""
        unless = self._unless.get(signal.name)
        left_out = [(one.start(), one.end(1)) for one in unless.finditer(roots)] if unless else []
        for match in pattern.finditer(roots):
            if not any(start < match.end(1) and match.start() < end for start, end in left_out):
                yield match

    def is_denied(self, sentence: Sentence, start: int, end: int) -> bool:
        """Tell whether words around `start` to `end` of a sentence deny what these say for a tool."""
        before, after = (
            sentence.text[max(0, start - _NEAR) : start],
            sentence.text[end : end + _NEAR],
        )
        return self._is_denied(read_wording(before).roots, read_wording(after).roots, "for")

    def _is_denied(self, before: str, after: str, side: Side, *, in_list: bool = False) -> bool:
        """Tell whether words are denied; `in_list` where a denial goes on behind an "and"."""
        behind = _few(_NEW_THOUGHT.split(after)[0])
        return self._is_denied_before(before, after, side, in_list=in_list) or self._denies(
            self._behind[side], behind
        )

    def _denies(self, denials: re.Pattern[str], words: str) -> bool:
        """Tell whether one of `denials` stands in `words` and is no idiom there."""
        found = denials.finditer(words)
        return any(not self._idioms.match(words, denial.start()) for denial in found)

    def is_no_tool(self, prose: Prose) -> bool:
        """Tell whether the name or the first sentence is that of an advert or of a piece of news."""
        texts = (prose.name, *(sentence.text for sentence in prose.sentences[:1]))
        return any(self._no_tool.search(read_wording(text).roots) for text in texts)

    def _is_denied_before(self, before: str, after: str, side: Side, *, in_list: bool) -> bool:
        clause = _CLAUSE_ENDS.split(before)[-1]
        rest, _, last = clause.rpartition(" , ")
        if rest and not (_LIST.match(after) or _OR.search(f" {last}")):
            clause = f" {last}"
        head, joined, tail = ("", "", clause) if in_list else clause.rpartition(" and ")
        if joined and not tail.strip():  # "without ads and" before the phrase
            return bool(_LISTING.search(f"{head} "))
        near = " ".join(["", *tail.split()[-_REACH:], ""])
        return self._denies(self._before[side], near)


def _is_said(
    signal: Signal, wording: Wording, start: int, end: int, name: str, *, is_notice: bool
) -> bool:
    """Tell whether words say what they stand for of what the signal is about."""
    match signal.subject:
        case "tool":
            return is_said_of_tool(wording, start, end, name, is_notice=is_notice)
        case "service":
            return is_said_of_service(wording, start, name)
        case "offer":
            return is_said_of_offer(wording, start, name)
        case "any":  # nothing to look at
            return True


def _only_names(signal: Signal, sentence: Sentence) -> bool:
    """Tell whether a heading names what speaks against a tool: the text below may deny it."""
    return sentence.is_heading and signal.speaks == "against" and signal.subject == "any"


def _few(after: str) -> str:
    return " ".join(["", *after.split()[:_BEHIND], ""])
