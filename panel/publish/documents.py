"""What a page says, as one JSON document with stable keys."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic_core import to_json

from panel.checklist.tally import lead_line, tally_run
from panel.domain.community import Community
from panel.domain.comparison import Comparison
from panel.domain.flag import Flag
from panel.domain.licence import read_licences
from panel.domain.monthly_cost import PricingRead
from panel.domain.price_terms import read_terms
from panel.domain.review import Abstention, Scorecard
from panel.domain.run import Run
from panel.domain.tool import Price
from panel.publish.figures import add_up
from panel.publish.provenance import description_digest, no_model_notice, prompt_digests
from panel.spdx import licence_table

VERSION = 1

Document = dict[str, Any]


def run_document(run: Run, community: Community | None = None) -> Document:
    """Return the document of one run: every key is there in every state of the run.

    Scores of criteria are steps from 1 to 5; everything else out of 10. `notice` says that no
    model was asked, or for which reviewers none was. `community` has the readers' frozen votes,
    null where no votes service is configured.
    """
    return {
        "v": VERSION,
        "kind": "run",
        "run": run.id,
        "state": run.state,
        "reason": run.reason,
        "started": run.started.isoformat(),
        "engine": run.engine,
        "signals": _signals(run),
        "notice": no_model_notice(run),
        "approved": None,
        "tool": _tool(run),
        "verdict": state_verdict(run),
        "community": _community(run, community),
        "reviews": [_review(review, is_scored=not run.is_checklist) for review in run.reviews],
        "pending": [wait.model_dump(mode="json") for wait in run.pending],
        "flags": list(_flags(run)),
        "held": run.is_held,
        "caveats": list(run.caveats),
        "testimony": run.testimony.model_dump(mode="json"),
        "release": _release(run),
        "assignments": [
            assignment.model_dump(mode="json")
            for assignment in run.assignments or run.inputs.assignments
        ],
        "personas": [
            persona.model_dump(mode="json", include={"key", "name", "short", "motto", "criteria"})
            for persona in run.inputs.personas
        ],
        "rules": run.inputs.rules.model_dump(mode="json"),
        "samples": run.inputs.calls.samples,
        "usage": usage.model_dump(mode="json") if (usage := run.spending.usage) else None,
        "calls": run.spending.calls,
        "cost_usd": _number(run.spending.cost_usd),
        "cost_is_at_least": run.spending.at_least,
        "unpriced": list(run.spending.unpriced),
        "description_sha256": description_digest(run),
        "prompts_sha256": prompt_digests(run),
        "versions": dict(sorted(run.versions.items())),
        "edits": [],
        "corrections": [],
    }


def comparison_document(comparison: Comparison, community: Community | None = None) -> Document:
    """Return the document of a comparison; `tools` has the whole document of each run."""
    tools = [
        {"slug": run.slug, "name": run.tool.name, **run_document(run, community)}
        for run in comparison.runs
    ]
    return {**state_comparison(comparison), "tools": tools}


def state_comparison(comparison: Comparison) -> Document:
    """Return the document of a comparison without its tools: what the rule says of them."""
    return {
        "v": VERSION,
        "kind": "comparison",
        "comparison": comparison.slug,
        "pick": comparison.pick,
        "reason": comparison.reason,
        "take_when": [when.model_dump(mode="json") for when in comparison.take_when],
        "division": comparison.division.model_dump(mode="json") if comparison.division else None,
        "rows": [row.model_dump(mode="json") for row in comparison.rows],
        "pricing": [_pricing(read) for read in comparison.pricing],
    }


def write_document(document: Document) -> str:
    """Return `document` as the text of its file: one line a value, in UTF-8, ended by a line end."""
    return to_json(document, indent=1).decode() + "\n"  # json takes ten times as long to indent


def _tool(run: Run) -> Document:
    tool = run.tool
    fields = tool.model_dump(mode="json", exclude={"prices", "original"})
    licences = read_licences(tool.licence or "", licence_table())
    return {
        "slug": run.slug,
        **fields,
        "licence": licences[0].name if licences else None,
        "licences": [one.model_dump(mode="json") | {"openness": one.openness} for one in licences],
        "not_read": list(tool.not_read),
        "prices": [_price(price) for price in tool.prices],
    }


def _price(price: Price) -> Document:
    """Return a price with its amounts as numbers and its terms as code reads them."""
    read = read_terms(price)
    return {
        **price.model_dump(mode="json"),
        "amount": _number(price.amount),
        "up_to": _number(price.up_to),
        "counted_in": price.counted_in,
        "terms": list(price.terms),
        "kind": read.kind,
        "period": read.period,
        "least": read.least,
    }


def state_verdict(run: Run) -> Document:
    """Return the verdict of a run; a checklist's score is no judgement and is left out."""
    if run.verdict is not None:
        return run.verdict.model_dump(mode="json") | ({"score": None} if run.is_checklist else {})
    return {
        "decision": None,
        "ship_share": None,
        "ships": [],
        "skips": [],
        "abstentions": [],
        "split": False,
        "quorate": False,
        "score": None,
    }


def _community(run: Run, community: Community | None) -> Document | None:
    """Return the readers' votes; `share` and its interval are in percent, null below 20 votes."""
    if community is None:
        return None
    count, snapshot = community.count_of(run.slug), community.snapshot
    interval = count.interval
    return {
        "taken": snapshot.taken.isoformat() if snapshot else None,
        "open": run.slug not in community.withdrawn,
        "ship": count.ship,
        "skip": count.skip,
        "set_aside": dict(count.set_aside),
        "share": interval.share if interval else None,
        "likely": [interval.low, interval.high] if interval else None,
    }


def _release(run: Run) -> Document | None:
    """Return what an editor decided on a held run; `moved` tells whether the verdict is another one."""
    if run.release is None:
        return None
    before = run.release.before
    return {
        **run.release.model_dump(mode="json", exclude={"before": True, "former": {"before"}}),
        "before": before.decision if before else None,
        "moved": run.has_moved,
    }


def _review(review: Scorecard | Abstention, *, is_scored: bool) -> Document:
    """Return a review with its ballot's fields beside who wrote it, without a checklist's score."""
    fields = review.model_dump(mode="json", exclude=None if is_scored else {"score"})
    ballot: Document = fields.pop("ballot", {})
    return {**fields, **ballot}


def _flags(run: Run) -> Iterator[Document]:
    """Yield the flags of the tool, whose `reviewer` is None, and those of each review."""
    yield from (_flag(flag, None) for flag in run.flags)
    for card in run.scorecards:
        yield from (_flag(flag, card.reviewer) for flag in card.flags)


def _flag(flag: Flag, reviewer: str | None) -> Document:
    return {**flag.model_dump(mode="json"), "reviewer": reviewer}


def _pricing(read: PricingRead) -> Document:
    return {
        "slug": read.slug,
        "metering": read.metering,
        "prices": [_price(price) for price in read.prices],
        "months": [
            month.model_dump(mode="json", exclude={"terms"})
            | {
                "amount": _number(month.amount),
                "sum": add_up(month),
                "bound": month.bound,
                "leaves_out": list(month.leaves_out),
            }
            for month in read.months
        ],
        "uncomputed": read.uncomputed,
    }


def _signals(run: Run) -> Document | None:
    """Return what the checklist found, led by its counts in words; None for a panel of models."""
    tally = tally_run(run)
    if tally is None:
        return None
    found = {
        "for": tally.in_favour,
        "against": tally.against,
        "absent": tally.absent,
        "unclear": tally.unclear,
    }
    return {"line": lead_line(run), **{side: list(said) for side, said in found.items()}}


def _number(amount: Decimal | None) -> int | float | None:
    """Return an amount as a JSON number; None stays None."""
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)
