"""A run's reviews in full, for `shipskip runs show`."""

from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from panel.cli.run_summary import checklist_notice, cost_line, flag_line, headline, print_flags
from panel.cli.terminal import wrap

if TYPE_CHECKING:
    from panel.domain.review import Scorecard
    from panel.domain.run import Run


def print_reviews(run: "Run", path: PurePath) -> None:
    """Print a run with every take, score and flag."""
    click.echo(wrap(f"{run.tool.name}: {headline(run)}", "", "  "))
    print_flags(run)
    if notice := checklist_notice(run):
        click.echo(f"  {notice}")
    click.echo(f"  run   {path}")
    click.echo(f"  date  {run.inputs.date}")
    click.echo(wrap(run.engine, "  by    "))
    click.echo(wrap(cost_line(run), "  cost  "))
    for review in run.reviews:
        click.echo("")
        if review.kind == "abstention":
            click.echo(wrap(f"{review.name}: no valid review: {review.reason}", "", "  "))
        else:
            _print_card(review, is_scored=not run.is_checklist)


def _print_card(card: "Scorecard", *, is_scored: bool) -> None:
    agreed = f", {card.agreement.agree} of {card.agreement.of} samples" if card.agreement else ""
    score = f", {card.score} of 10" if is_scored else ""
    sure = f", confidence {card.ballot.confidence:.0%}" if is_scored else ""
    click.echo(wrap(f"{card.name}: {card.verdict}{score}{agreed}{sure} ({card.model})", "", "  "))
    click.echo(wrap(card.ballot.take_text, "  "))
    scores = (f"{key.replace('_', ' ')} {score}" for key, score in card.ballot.scores.items())
    click.echo(wrap(f"{', '.join(scores)}  (of 5)", "  "))
    for flag in card.flags:
        click.echo(flag_line(flag))
