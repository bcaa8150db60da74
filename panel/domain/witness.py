"""Witnesses: reviewers and intake, who name the passages that speak to them instead of to a reader.

A text that turns one model does not turn all of them: one honest report is enough to hold a tool. What
is reported counts where it stands in the text word for word, so that nobody can invent a passage.
"""

from collections.abc import Sequence

from panel.domain.ballot import MOST_PASSAGES
from panel.domain.copying import split_words
from panel.domain.exchange import Count
from panel.domain.flag import Flag
from panel.domain.folded_text import fold_rendered
from panel.domain.grounding import is_verbatim
from panel.domain.value import Value
from panel.domain.wording import listed

_FEWEST_SIGNS = 8  # of a passage of one word: "none" is an answer, not a passage


class Report(Value):
    """The passages that one witness named: a reviewer, or `intake`."""

    name: str
    passages: tuple[str, ...]


class WitnessedPassage(Value):
    """A passage of the description that speaks to its reviewers, and the names of who saw it."""

    text: str
    witnesses: tuple[str, ...]


class Testimony(Value):
    """What all reports of a run come to: the passages that stand in the text, longest first.

    `unfounded` counts the reported passages that do not stand there, or say nothing.
    """

    passages: tuple[WitnessedPassage, ...] = ()
    unfounded: Count = 0


def collect_testimony(reports: Sequence[Report], shown: str) -> Testimony:
    """Return what `reports` come to, checked against `shown`, the text that the witnesses saw.

    A passage inside a longer one counts as the longer one. At most 20 passages are kept.
    """
    said = [(report.name, text) for report in reports for text in report.passages]
    founded = [
        (name, text) for name, text in said if says_something(text) and is_verbatim(text, shown)
    ]
    passages: list[tuple[str, str, list[str]]] = []
    for name, text in sorted(founded, key=lambda pair: -len(_folded(pair[1]))):
        folded = _folded(text)
        around = next((names for _, longer, names in passages if folded in longer), None)
        if around is None:
            passages.append((text, folded, [name]))
        elif name not in around:
            around.append(name)
    order = list(dict.fromkeys(report.name for report in reports))
    return Testimony(
        passages=tuple(
            WitnessedPassage(text=text, witnesses=tuple(sorted(names, key=order.index)))
            for text, _, names in passages[:MOST_PASSAGES]
        ),
        unfounded=len(said) - len(founded),
    )


def _folded(passage: str) -> str:
    return fold_rendered(passage).text.strip()


def says_something(passage: str) -> bool:
    """Tell whether a passage is more than a word as any text has it: two words, or a long one."""
    words = split_words(passage)
    return len(words) > 1 or sum(map(len, words)) >= _FEWEST_SIGNS


def witness_flags(testimony: Testimony) -> tuple[Flag, ...]:
    """Return a flag for each passage that was reported: it holds the tool and says who saw it."""
    return tuple(
        Flag(
            kind="witnessed",
            message=f"A passage speaks to the reviewers, as {listed(passage.witnesses)} reported.",
            excerpt=passage.text,
            holds=True,
        )
        for passage in testimony.passages
    )
