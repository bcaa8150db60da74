"""`shipskip cost`: what the recorded calls cost, by run, persona, model or day."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panel.cli.options import json_option, root_option
from panel.cli.output import end_with_faults, print_json
from panel.domain.wording import counted

if TYPE_CHECKING:
    from panel.domain.usage import By, Total


@click.command(short_help="What the recorded calls cost, by run, persona, model or day.")
@click.option(
    "--by",
    type=click.Choice(["run", "persona", "model", "day"]),
    default="run",
    show_default=True,
    help="What the sums are by.",
)
@json_option
@root_option
def cost(*, by: "By", as_json: bool, root: Path | None) -> int:
    """Say what the recorded calls cost, by run, persona, model or day.

    Prices are those known today; what is `unpriced` is in no sum. `at least`: a call was broken off,
    or nobody counted its tokens, and it may be paid for too.
    """
    from panel.app.costs import total_costs
    from panel.app.workspace import Workspace

    workspace = Workspace.open(root)
    totals, faults = total_costs(workspace, by)
    if as_json:
        rows = [_document(total) for total in totals]
        print_json({"v": 1, "by": by, "totals": rows, "faults": [str(fault) for fault in faults]})
    else:
        longest = max((len(total.name) for total in totals), default=0)
        for total in totals:
            click.echo(_line(total, longest))
        if not totals:
            said = (
                f"nothing is recorded in {workspace.runs.name} yet; `shipskip review TOOL` begins"
            )
            click.echo(said, err=True)
    return end_with_faults(faults)


def _document(total: "Total") -> dict[str, Any]:
    return {**total.model_dump(mode="json"), "cached_share": total.cached_share}


def _line(total: "Total", longest: int) -> str:
    cached = f" ({total.cached_share:.0%} cached)" if total.cached_share else ""
    notes = f"  {total.unpriced} unpriced" if total.unpriced else ""
    notes += f"  {total.uncounted} uncounted" if total.uncounted else ""
    calls = counted(total.calls, "call")
    tokens = f"{total.usage.input:,} in{cached}, {total.usage.output:,} out"
    return f"{total.name:<{longest}}  {_amount(total):<17}  {calls:>9}  {tokens}{notes}"


def _amount(total: "Total") -> str:
    """Return the sum in words: no call costs nothing, and no price is no nought."""
    from panel.domain.money import small_dollars

    if not total.calls:
        return "nothing"
    if total.amount is None:
        return "unknown"
    return f"{'at least ' if total.at_least else ''}{small_dollars(total.amount)}"
