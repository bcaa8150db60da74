"""Stale reviews: what reviewers wrote of a price, an entry price or a licence that was corrected since.

A sentence, a finding or a condition rests on such a fact where its passage overlaps the one that the
fact was read from, or where it names what the fact said: the licence, the amount of the price. On a
fact that was not stated rests a sentence with the basis `absent` that speaks of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from panel.domain.ballot import Basis
from panel.domain.decision import Change
from panel.domain.grounding import Place, locate, numbers
from panel.domain.licence import fold_name
from panel.domain.prompts import shown_text
from panel.domain.review import Scorecard
from panel.domain.run import Run
from panel.domain.tool import FactName, Price, Tool, price_line
from panel.domain.value import Value
from panel.editorial.fields import CONDITIONS, apply
from panel.editorial.publication import Publication

_TERMS: Final[tuple[FactName, ...]] = ("entry", "licence")
_OF_PRICES: Final = ("price", "pricing", "cost")
_NUMBER_AT_END: Final = re.compile(r"(?<=[a-z])-[0-9.]+\Z")
_OF_LICENCES: Final = ("licence", "license", "licensing")


class StaleReview(Value):
    """A review that rests on facts which an editor corrected: its id is `stale.builder`.

    `words` are the first of the reviewer's that do, `facts` what was corrected: `licence: MIT, now
    not stated`. `answer` is why an editor lets it stand, None where nobody said that since.
    """

    id: str
    reviewer: str
    words: str
    facts: tuple[str, ...]
    answer: str | None


@dataclass(frozen=True)
class _Fact:
    """A fact as the reviewers had it and as it is printed; of a price also its amount and terms."""

    field: str
    before: str | None
    after: str | None
    price: Price | None
    passage: Place | None

    @property
    def shift(self) -> str:
        return f"{self.field}: {self.before or 'not stated'}, now {self.after or 'not stated'}"


@dataclass(frozen=True)
class _Words:
    """Something that a reviewer wrote, and what it rests on; only a sentence has a basis."""

    text: str
    evidence: str | None
    basis: Basis | None


def stale_reviews(
    run: Run, publication: Publication, answers: Mapping[str, str] | None = None
) -> tuple[StaleReview, ...]:
    """Return the reviews of `run` that rest on facts as they were before the changes of its editors.

    `answers` come with the decision that is about to be made. One that was made before the fact was
    changed last answers nothing. Of a sentence that an editor changed, the editor has judged.
    """
    if not any(_is_of_a_fact(change) for change in publication.changes):
        return ()
    shown = shown_text(run.inputs)
    facts = list(_corrected(run.tool, apply(run, publication.changes).tool, shown))
    answered = {**_answers_since(publication), **(answers or {})}
    changed = frozenset(change.field for change in publication.changes)
    found = []
    for card in run.reviews:
        if not isinstance(card, Scorecard):
            continue
        rests = [
            (words, fact)
            for words in _written(card, changed)
            for fact in facts
            if _rests(words, fact, shown)
        ]
        if rests:
            id_ = f"stale.{card.reviewer}"
            found.append(
                StaleReview(
                    id=id_,
                    reviewer=card.reviewer,
                    words=rests[0][0].text,
                    facts=tuple(dict.fromkeys(fact.shift for _, fact in rests)),
                    answer=answered.get(id_),
                )
            )
    return tuple(found)


def _is_of_a_fact(change: Change) -> bool:
    return change.field in _TERMS or change.field.startswith("price.")


def _answers_since(publication: Publication) -> dict[str, str]:
    """Return the answers that were given after a fact was changed last."""
    answers: dict[str, str] = {}
    for decision in publication.effective:
        if any(map(_is_of_a_fact, decision.changes)):
            answers = {}
        answers |= decision.answers
    return answers


def _corrected(tool: Tool, now: Tool, shown: str) -> Iterator[_Fact]:
    """Yield the facts of `tool` that are other ones now."""
    for field in _TERMS:
        before, after = getattr(tool, field), getattr(now, field)
        if before != after:
            span = tool.evidence.get(field) or f"{field}: {before}"
            yield _Fact(field, before, after, None, _place(span, shown))
    had = {price_line(price): price for price in tool.prices}
    has = {price_line(price): price for price in now.prices}
    new = {line: price for line, price in has.items() if line not in had}
    for line, price in had.items():
        if line not in has:
            same = [one for one, other in new.items() if other.label == price.label]
            span = price.evidence or tool.evidence.get("prices") or f"price: {line}"
            after = "; ".join(same or new) or None
            yield _Fact("price", line, after, price, _place(span, shown))
    if new and not had:
        yield _Fact("price", None, "; ".join(new), None, None)


def _place(passage: str, text: str) -> Place | None:
    found = locate(passage, text)
    return found if isinstance(found, Place) else None


def _written(card: Scorecard, changed: Iterable[str]) -> Iterator[_Words]:
    """Yield what a reviewer wrote, without what an editor changed."""
    ballot, fields = card.ballot, tuple(changed)
    for number, one in enumerate(ballot.take, start=1):
        at = f"{card.reviewer}.take.{number}"
        if not any(field == at or field.startswith(f"{at}.") for field in fields):
            yield _Words(one.text, one.evidence, one.basis)
    for finding in ballot.findings:
        yield _Words(finding.finding, finding.evidence, None)
    for condition in CONDITIONS:
        if f"{card.reviewer}.{condition}" not in fields:
            yield _Words(getattr(ballot, condition), None, None)


def _rests(words: _Words, fact: _Fact, shown: str) -> bool:
    if fact.before is None:
        named = _OF_LICENCES if fact.field == "licence" else _OF_PRICES
        return words.basis == "absent" and any(name in words.text.casefold() for name in named)
    at = _place(words.evidence, shown) if words.evidence else None
    if at and fact.passage and at.start < fact.passage.end and fact.passage.start < at.end:
        return True
    if fact.price is not None:
        return fact.price.amount.normalize() in numbers(words.text)
    return fact.field == "licence" and _names_licence(words.text, fact.before)


def _names_licence(text: str, line: str) -> bool:
    """Tell whether `text` names one of the licences in `line`, in any spelling or without a version."""
    said = f"-{fold_name(text)}-"
    names = (fold_name(part.partition("(")[0]) for part in line.split(";"))
    return any(f"-{_NUMBER_AT_END.sub('', name)}-" in said for name in names if name)
