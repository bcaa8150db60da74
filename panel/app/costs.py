"""What recorded calls cost in a workspace, at the prices known today."""

from datetime import date
from decimal import Decimal

from panel.app.workspace import Workspace
from panel.domain.run_document import Recording
from panel.domain.usage import By, Paid, RateOf, Total, add_up, pay
from panel.errors import StoreError
from panel.providers.price_list import PriceList


def rate_of(workspace: Workspace, prices: PriceList | None = None) -> RateOf:
    """Return the lookup of an exchange's price under the workspace's settings, or in `prices`."""
    known = prices or workspace.prices
    return lambda exchange: known.rate(
        exchange.request.provider,
        exchange.request.model,
        answered_by=getattr(exchange.outcome, "model", None),
        input_tokens=exchange.outcome.usage.input if exchange.outcome.usage else 0,
        service=exchange.outcome.service,
    )


def total_costs(workspace: Workspace, by: By) -> tuple[tuple[Total, ...], list[StoreError]]:
    """Return the sums of all recorded calls by run, persona, model or day, and damaged runs.

    The questions of the watch, which belong to no run, are among them. A run that cannot be read is
    in no sum. Raises StoreError and Busy where the ledger cannot be read.
    """
    rates = rate_of(workspace)
    of_runs, faults = workspace.read_each(lambda path: _paid(workspace.runs.load(path), rates))
    paid = [one for of_run in of_runs for one in of_run]
    if workspace.has_ledger:
        with workspace.ledger() as ledger:
            paid += ledger.watched.costs()
    return add_up(paid, by), faults


def spent_on_run(workspace: Workspace, day: date, id: str) -> Decimal:  # noqa: A002 - the run's word
    """Return what the recorded exchanges of a run cost, as far as their prices are known."""
    path = workspace.runs.find(day, id)
    if path is None:
        return Decimal(0)
    paid = _paid(workspace.runs.load(path), rate_of(workspace))
    return sum((one.amount for one in paid if one.amount is not None), Decimal(0))


def _paid(recording: Recording, rates: RateOf) -> list[Paid]:
    run = recording.run
    at_least = run.state == "open" or run.spending.at_least
    return [
        pay(run.id, run.inputs.date, exchange, rates, at_least=at_least)
        for exchange in recording.exchanges
    ]
