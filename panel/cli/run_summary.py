"""A run in a few lines: the verdict, who said what, what to look at, where it is and what it cost."""

import shlex
from typing import TYPE_CHECKING

import click

from panel.cli.terminal import wrap
from panel.domain.wording import counted, small_dollars

if TYPE_CHECKING:
    from panel.app.publish import PublishedRun
    from panel.domain.flag import Flag
    from panel.domain.review import Review, Scorecard
    from panel.domain.run import Run
    from panel.domain.verdict import Verdict

_NAME_CELLS = 18
_MOST_FAULTS = 2  # of one review; `runs show` has all of them
_BROKEN_OFF = "a call that was broken off may be paid for too"


def print_review(reviewed: "PublishedRun") -> None:
    """Print a run as an editor reads it, with the next step."""
    run = reviewed.run
    click.echo(wrap(f"{run.tool.name}: {headline(run)}", "", "  "))
    if reviewed.already_done:
        click.echo(
            wrap(
                f"It was done on {run.inputs.date}, before this command was interrupted, and is not "
                "asked again. To review it anew, name it alone.",
                "  ",
            )
        )
    for review in run.reviews:
        click.echo(_line(review, is_scored=not run.is_checklist))
    print_flags(run)
    for card in run.reviews:
        if card.kind == "scorecard" and card.flags:
            click.echo(_faults_line(card))
    if run.verdict and (notice := checklist_notice(run)):
        click.echo(f"  {notice}")
    if run.pending:
        _print_pending(reviewed)
    click.echo(f"  run   {reviewed.path}")
    stays = "" if reviewed.page_of == run.id else f", still that of {reviewed.page_of}"
    click.echo(f"  page  {reviewed.page}{stays}")
    click.echo(wrap(cost_line(run), "  cost  "))
    click.echo(f"  next  {_next(run)}")


def print_flags(run: "Run") -> None:
    """Print what an editor has to look at, a flag a line or more."""
    for flag in run.flags:
        click.echo(flag_line(flag))


def flag_line(flag: "Flag") -> str:
    """Return a flag with the passage that caused it."""
    quoted = f" “{flag.excerpt}”" if flag.excerpt else ""
    return wrap(f"{flag.message}{quoted}", "  ! ")


def headline(run: "Run") -> str:
    """Return what the panel came to, in one line: of a checklist its signals, and never its score."""
    from panel.checklist.tally import lead_line

    if run.state == "set_aside":
        return f"set aside, not a tool: {run.reason}"
    if run.state == "waiting":
        source = "by hand" if run.waits_by_hand else "of the batch service"
        return f"waiting for {counted(len(run.pending), 'answer')} {source}"
    if run.state == "stopped":
        return f"stopped before {counted(len(run.pending), 'answer')} came"
    if run.verdict is None:
        return "interrupted; run the same command to resume"
    takes = f"; a verdict takes {run.inputs.rules.quorum}" if run.verdict.decision is None else ""
    held = "; held for an editor" if run.is_held else ""
    if lead := lead_line(run):
        return f"{lead}; {ballots_line(run.verdict)}{takes}{held}"
    return f"{verdict_line(run.verdict)}{takes}{held}"


def verdict_line(verdict: "Verdict") -> str:
    """Return a verdict as `SHIP, panel ship 75%, 3 of 4, score 7.4 of 10`."""
    ships, cards = len(verdict.ships), len(verdict.ships) + len(verdict.skips)
    if verdict.decision is None:
        return f"no verdict, {cards} of {cards + len(verdict.abstentions)} reviewers answered"
    split = " (split)" if verdict.split else ""
    share = f"{verdict.ship_share:.0%}" if verdict.ship_share is not None else "-"
    failed = f", {len(verdict.abstentions)} gave none" if verdict.abstentions else ""
    return (
        f"{verdict.decision.upper()}{split}, panel ship {share}, {ships} of {cards}{failed}, "
        f"score {verdict.score} of 10"
    )


def ballots_line(verdict: "Verdict") -> str:
    """Return a checklist's verdict as `SHIP; all ballots were filled in from the same signals`."""
    ships, cards = len(verdict.ships), len(verdict.ships) + len(verdict.skips)
    split = f", {ships} of {cards} ship" if 0 < ships < cards else ""
    decision = verdict.decision.upper() if verdict.decision else "no verdict"
    return f"{decision}{split}; all ballots were filled in from the same signals"


def checklist_notice(run: "Run") -> str | None:
    """Return the notice that the checklist filled in ballots, where it did: it is no model."""
    from panel.domain.review import CHECKLIST

    if not run.has_checklist_part:
        return None
    if run.is_checklist:
        return "No model was asked: the built-in checklist filled in these ballots."
    assignments = run.assignments or run.inputs.assignments
    count = sum(assignment.provider == CHECKLIST for assignment in assignments)
    return f"The built-in checklist, which is no model, filled in {count} of these ballots."


def cost_line(run: "Run") -> str:
    """Return what a run cost, or that nobody knows."""
    spent = run.spending
    if not spent.calls:
        unknown = spent.at_least and not run.is_checklist
        return f"unknown: {_BROKEN_OFF}" if unknown else "nothing: no call was made from here"
    calls = counted(spent.calls, "call")
    if spent.usage is None:
        return f"unknown, nobody counted; {calls}"
    used = f"{calls}, {spent.usage.input:,} tokens in, {spent.usage.output:,} out"
    if spent.cost_usd is None:
        return f"unknown, no price for {', '.join(spent.unpriced)}; {used}"
    if spent.at_least:
        return f"at least {small_dollars(spent.cost_usd)}: {_BROKEN_OFF}; {used}"
    return f"{small_dollars(spent.cost_usd)}; {used}"


def _line(review: "Review", *, is_scored: bool) -> str:
    if review.kind == "abstention":
        name = f"  {review.name:<{_NAME_CELLS}}none  "
        return wrap(f"no valid review: {review.reason}", name)
    agreed = f"{review.agreement.agree} of {review.agreement.of}  " if review.agreement else ""
    marked = f"!{len(review.flags)} " if review.flags else ""
    take = review.ballot.take[0].text
    score = f"{review.score:>4}  " if is_scored else ""
    first = f"  {review.name:<{_NAME_CELLS}}{review.verdict}  {score}"
    return wrap(f"{agreed}{marked}{take}", first, " " * len(first))


def _faults_line(card: "Scorecard") -> str:
    """Return the first faults of a review that checks found and its writer did not mend."""
    said = "; ".join(flag.message for flag in card.flags[:_MOST_FAULTS])
    more = len(card.flags) - _MOST_FAULTS
    return wrap(f"{card.name}: {said}" + (f"; and {more} more" if more > 0 else ""), "  ! ")


def _print_pending(reviewed: "PublishedRun") -> None:
    """Print who is waited for: those with one reason in one go."""
    run = reviewed.run
    names = {persona.key: persona.name for persona in run.inputs.personas}
    reasons: dict[str, list[str]] = {}
    for pending in run.pending:
        name = names.get(pending.reviewer, pending.reviewer.capitalize())
        reasons.setdefault(pending.reason, []).append(name)
    for reason, who in reasons.items():
        click.echo(wrap(f"{', '.join(dict.fromkeys(who))}: {reason}", "  - ", "    "))
    if run.waits_by_hand:
        click.echo(f"  in    {reviewed.manual}")


def _next(run: "Run") -> str:
    if run.state == "waiting" and not run.waits_by_hand:
        return "shipskip batch --collect, once the batch service has answered"
    if run.state == "waiting":
        return "save the answers there, then run the same command: it resumes this run"
    if run.state == "stopped":
        return "correct what stopped it, then run the same command: it resumes this run"
    root = click.get_current_context().params.get("root")
    command = (
        f"held --release {run.id} --as NAME --reason TEXT" if run.is_held else f"runs show {run.id}"
    )
    return f"shipskip {command}" + (f" --root {shlex.quote(str(root))}" if root else "")
