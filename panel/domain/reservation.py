"""A cost cap: what is held of it for a call, and what is said when it is reached."""

from dataclasses import dataclass
from decimal import Decimal

from panel.domain.wording import dollars
from panel.errors import Cause, Stopped


@dataclass(frozen=True)
class Reservation:
    """An amount that is set aside for one call; `key` names it where others look on."""

    amount: Decimal
    key: str = ""


def reached(cap: Decimal, spent: Decimal, amount: Decimal) -> Stopped:
    """Return the error of a call that is not made, because its worst case would break the cap."""
    return uncalled(
        f"the cost cap of {dollars(cap)} is reached: {dollars(spent)} spent, the next "
        f"call may cost {dollars(amount)}; raise --max-cost and run again, answers are kept",
        cause="cap",
    )


def uncalled(message: str, *, cause: Cause) -> Stopped:
    """Return the error of a call that the cap forbids: none was made."""
    error = Stopped(message, cause=cause)
    error.calls = 0
    return error
