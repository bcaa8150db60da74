"""Repetition: words that a persona's review shares with the last reviews of the same persona."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from panel.domain.ballot import Sentence
from panel.domain.criterion import Key
from panel.domain.value import Value

MOST_TAKES = 30
WORDS_IN_A_ROW = 3
_LONG_RUN = 5
_MOST_LETTERS = 24
_IN_PROMPT = 10
_CLAUSE = re.compile(r"[^\w\s'’-]+|\s[-–—]+\s")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_FUNCTION_WORDS = frozenset(
    "a about above after again against all almost along already also although always an and "
    "another any anyone anything are around as at away back be because been before behind "
    "being below between both but by can cannot could did do does doing done down each either "
    "enough even ever every few for from get gets give gives go goes got had has have having "
    "he her here hers him his how however i if in into is it its itself just keep keeps kept "
    "least less let like made make makes many may me might mine more most much must my "
    "neither never no nobody none nor not nothing now of off on once one only onto or other "
    "others our out over own per put rather same say says second see seen several shall she "
    "should since so some someone something still such take takes than that the their them "
    "then there these they thing things this those though three through to today too two "
    "under until up upon us very was way we well were what when where whether which while who "
    "whom whose why will with within without would yet you your".split()
)


class RecentTakes(Value):
    """The words of a persona's last takes, as its next run is given them.

    `openings` are the first three words of each, newest first. `phrases` are their runs of three words
    that all carry meaning, in alphabetical order. Both in small letters.
    """

    persona: Key
    openings: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()

    def render(self) -> str:
        """Return the openings to avoid, as a prompt names them; nothing where there are none."""
        if not self.openings:
            return ""
        listed = ", ".join(f"“{words}”" for words in self.openings[:_IN_PROMPT])
        return f"Your last reviews opened with {listed}: open this one otherwise.\n"


def recent_takes_of(
    persona: str, takes: Iterable[Sequence[Sentence]], most: int = MOST_TAKES
) -> RecentTakes:
    """Return what is kept of the last `most` of `takes`, newest first, which `persona` wrote."""
    chosen = list(islice(takes, most))
    openings = (words for take in chosen if (words := opening(take)))
    found = (run for take in chosen for sentence in take for run in phrases(sentence.text))
    return RecentTakes(
        persona=persona,
        openings=tuple(dict.fromkeys(openings)),
        phrases=tuple(sorted(set(found))),
    )


def opening(take: Sequence[Sentence]) -> str | None:
    """Return the first three words of a take in small letters, None where it has fewer."""
    words = _WORD.findall(take[0].text)[:WORDS_IN_A_ROW] if take else []
    if len(words) < WORDS_IN_A_ROW or any(len(word) > _MOST_LETTERS for word in words):
        return None
    return " ".join(words).casefold()


def phrases(text: str) -> Iterator[str]:
    """Yield the runs of three words in `text`, within a clause, that all carry meaning.

    Example: "a cost curve that falls through a threshold" has none, "steep cost curve" is one.
    """
    for clause in _CLAUSE.split(text.casefold()):
        words = clause.split()
        meant = [_carries_meaning(word) for word in words]
        for n in range(len(words) - WORDS_IN_A_ROW + 1):
            if all(meant[n : n + WORDS_IN_A_ROW]):
                yield " ".join(words[n : n + WORDS_IN_A_ROW])


def word_runs(text: str) -> Iterator[str]:
    """Yield the runs of five words in `text`, in small letters, whatever they mean.

    Example: "Steep costs, and who pays for it?" has three, of which "steep costs and who pays" is one.
    """
    words = [word.casefold() for word in _WORD.findall(text)]
    for n in range(len(words) - _LONG_RUN + 1):
        yield " ".join(words[n : n + _LONG_RUN])


def _carries_meaning(word: str) -> bool:
    return (
        word not in _FUNCTION_WORDS
        and len(word) <= _MOST_LETTERS
        and _WORD.fullmatch(word) is not None
    )


def repeated_words(
    take: Sequence[Sentence], recent: RecentTakes | None, shown: str
) -> tuple[str, ...]:
    """Return what `take` repeats of `recent`: its opening, then each phrase, as written there.

    A phrase that stands in `shown` is the tool's own and repeats nothing.
    """
    if recent is None:
        return ()
    first = opening(take)
    known, own = frozenset(recent.phrases), None
    found = [first] if first in recent.openings and first else []
    for sentence in take:
        for phrase in phrases(sentence.text):
            if phrase in known:
                own = frozenset(phrases(shown)) if own is None else own
                if phrase not in own:
                    found.append(phrase)
    return tuple(dict.fromkeys(found))
