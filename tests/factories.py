"""Sound values to start a test from: name what matters to the test, the rest is plausible."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from panel.domain.ballot import Ballot, Basis, DatedClaim, Decision, Finding, Sentence
from panel.domain.criterion import Criterion
from panel.domain.exchange import Usage
from panel.domain.persona import Persona
from panel.domain.review import Abstention, Review, Scorecard
from panel.domain.run import Assignment, Inputs, Run, Spending
from panel.domain.template import Template
from panel.domain.tool import Price, Tool
from panel.domain.verdict import Rules, aggregate, reviewer_score

REVIEWERS = ("builder", "skeptic", "futurist", "business_analyst")
CRITERIA = ("problem_fit", "evidence", "price_clarity")
DESCRIPTION = (
    "Quillbase keeps a team's notes in plain files. It costs 9 dollars a seat each month and runs "
    "on your own server. Export is one command."
)


def a_tool(name: str = "Quillbase", **fields: Any) -> Tool:
    given: dict[str, Any] = {
        "description": DESCRIPTION,
        "tagline": "Notes in plain files",
        "category": "Productivity",
        "vendor": "Quill Works",
        "entry": "paid",
        "prices": (a_price(),),
        "licence": "MIT",
    }
    return Tool(name=name, **(given | fields))


def a_price(label: str = "team", amount: str = "9", **fields: Any) -> Price:
    given = {"currency": "USD", "unit": "seat and month"}
    return Price(label=label, amount=Decimal(amount), **(given | fields))


def a_criterion(key: str = "evidence", **fields: Any) -> Criterion:
    given: dict[str, Any] = {
        "label": key.replace("_", " ").capitalize(),
        "question": f"What about its {key.replace('_', ' ')}?",
        "anchors": ("none", "little", "some", "much", "all"),
    }
    return Criterion(key=key, **(given | fields))


def a_persona(key: str = "builder", **fields: Any) -> Persona:
    return _a_persona(key, **fields) if fields else _plain_persona(key)


@cache
def _plain_persona(key: str) -> Persona:
    """Return the persona of that key that most tests have: a value, made once."""
    return _a_persona(key)


def _a_persona(key: str, **fields: Any) -> Persona:
    given: dict[str, Any] = {
        "name": key.replace("_", " ").capitalize(),
        "short": key.rsplit("_", maxsplit=1)[-1].capitalize()[:16],
        "motto": f"What is in it for the {key.replace('_', ' ')}?",
        "lens": "You look closely.",
        "excited_by": ("a clear limit",),
        "tired_of": ("a login first",),
        "criteria": tuple(map(a_criterion, CRITERIA)),
        "ships_when": "you would use it",
    }
    return Persona(key=key, **(given | fields))


def a_sentence(
    text: str = "Files outlive their maker.",
    basis: Basis = "judged",
    evidence: str | None = None,
) -> Sentence:
    return Sentence(text=text, basis=basis, evidence=evidence)


def a_finding(criterion: str = "evidence", score: int = 4, **fields: Any) -> Finding:
    return _a_finding(criterion, score, **fields) if fields else _plain_finding(criterion, score)


@cache
def _plain_finding(criterion: str, score: int) -> Finding:
    """Return the finding of that score that most tests have: a value, made once."""
    return _a_finding(criterion, score)


def _a_finding(criterion: str, score: int, **fields: Any) -> Finding:
    given: dict[str, Any] = {"finding": "It says so.", "evidence": "plain files", "score": score}
    return Finding(criterion=criterion, **(given | fields))


@cache
def some_findings(*steps: int) -> tuple[Finding, ...]:
    """Return a finding for each criterion, with these steps in order."""
    return tuple(a_finding(key, step) for key, step in zip(CRITERIA, steps, strict=True))


def a_ballot(verdict: Decision = "ship", *, step: int | None = None, **fields: Any) -> Ballot:
    """Return a ballot whose criteria all have one step, by default one that fits the verdict."""
    step = step or (4 if verdict == "ship" else 2)
    return _a_ballot(verdict, step, **fields) if fields else _plain_ballot(verdict, step)


@cache
def _plain_ballot(verdict: Decision, step: int) -> Ballot:
    """Return the ballot of that step that most tests have: a value, made once."""
    return _a_ballot(verdict, step)


def _a_ballot(verdict: Decision, step: int, **fields: Any) -> Ballot:
    given: dict[str, Any] = {
        "findings": some_findings(step, step, step),
        "take": _plain_take(),
        "best_for": "a team owns a server",
        "avoid_if": "nobody on it can keep one running",
        "flips_if": "the export turns out to lose links",
        "prediction": _plain_claim(),
        "addressed": (),
        "verdict": verdict,
        "confidence": 0.7,
    }
    return Ballot(**(given | fields))


@cache
def _plain_take() -> tuple[Sentence, ...]:
    return (
        a_sentence("It keeps notes in plain files.", "quoted", "notes in plain files"),
        a_sentence("Ten seats cost 10 x 9 = 90 dollars.", "computed", "9 dollars a seat"),
        a_sentence("No backup is mentioned.", "absent"),
        a_sentence("Such servers need upkeep.", "known"),
    )


@cache
def _plain_claim() -> DatedClaim:
    return DatedClaim(claim="A hosted plan appears.", by="2027-06-30", probability=0.6)


def a_scorecard(
    reviewer: str = "builder",
    verdict: Decision = "ship",
    *,
    ballot: Ballot | None = None,
    **fields: Any,
) -> Scorecard:
    ballot = ballot or a_ballot(verdict)
    given: dict[str, Any] = {
        "name": a_persona(reviewer).name,
        "provider": "openai",
        "model": "gpt-test",
        "score": reviewer_score(ballot),
    }
    return Scorecard(reviewer=reviewer, ballot=ballot, **(given | fields))


def an_abstention(reviewer: str = "skeptic", **fields: Any) -> Abstention:
    given = {
        "name": a_persona(reviewer).name,
        "provider": "openai",
        "model": "gpt-test",
        "reason": "no readable answer after 2 tries",
    }
    return Abstention(reviewer=reviewer, **(given | fields))


def a_panel(votes: str = "ship ship ship ship") -> tuple[Review, ...]:
    """Return a review for each word of `votes`: ship, skip or none, in the reviewers' order."""
    made = {"none": an_abstention}
    return tuple(
        made[vote](reviewer) if vote in made else a_scorecard(reviewer, vote)  # type: ignore[arg-type]
        for reviewer, vote in zip(REVIEWERS, votes.split(), strict=False)
    )


def some_inputs(tool: Tool | None = None, **fields: Any) -> Inputs:
    given: dict[str, Any] = {
        "date": date(2026, 11, 22),
        "personas": tuple(map(a_persona, REVIEWERS)),
        "prompts": (Template(name="house", text="Today is $date."),),
        "assignments": tuple(map(_assigned, REVIEWERS)),
        "intake": _assigned("intake"),
        "rules": Rules(),
    }
    return Inputs(tool=tool or a_tool(), **(given | fields))


@cache
def _assigned(persona: str) -> Assignment:
    return Assignment(persona=persona, provider="openai", model="gpt-test")


def a_run(
    tool: Tool | None = None,
    reviews: Sequence[Review] | None = None,
    *,
    inputs: Inputs | None = None,
    **fields: Any,
) -> Run:
    """Return a finished run; its verdict is computed unless one is named.

    `tool` has the facts that intake found, where `inputs` holds the tool as it was handed in.
    """
    inputs = inputs or some_inputs(tool)
    reviews = a_panel() if reviews is None else tuple(reviews)
    given: dict[str, Any] = {
        "id": f"{inputs.tool.slug}-0a1b2c3d",
        "state": "finished",
        "started": datetime(2026, 11, 22, 13, 42, tzinfo=UTC),
        "versions": {"shipskip": "0.1.0"},
        "tool": tool or inputs.tool,
        "assignments": inputs.assignments,
        "reviews": reviews,
        "verdict": aggregate(reviews, inputs.rules),
        "spending": Spending(
            calls=len(reviews), usage=Usage(input=9000, output=1200), cost_usd=Decimal("0.1042")
        ),
    }
    return Run(inputs=inputs, **(given | fields))
