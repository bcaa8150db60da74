"""The last audit of a panel, as far as readers may see it."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from panel.domain.exchange import Count, digest
from panel.domain.value import Value

if TYPE_CHECKING:
    from panel.domain.persona import Persona


class ShownFigure(Value):
    """A figure for readers: its value with the 95 % interval, and how many cases it stands on.

    `value` is None where the figure is not said; then `says` has the reason, and `fewest` how many
    cases it needs, 0 where more would not help. `says` has all of it in words.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    says: str
    cases: Count
    fewest: Count = 0


class LastAudit(Value):
    """What readers may see of the last audit of the whole archive, of the panel with the most runs.

    `panel` is the key of that panel, see `panel_key`. `unanimous` is the share of tools on which all
    reviewers vote alike, `effective_votes` how many independent votes the `reviewers` amount to at
    least, `votes_on_errors` the same on controls, where there was a report on some, and `controls_made`
    when that was; `flips` how often a reviewer who is asked again votes the other way. `ship_rates` are
    by persona, in the order of `reviewers`.
    """

    made: datetime
    panel: str
    reviewers: tuple[str, ...]
    tools: Count
    unanimous: ShownFigure
    effective_votes: ShownFigure
    votes_on_errors: ShownFigure | None
    controls_made: datetime | None
    flips: ShownFigure
    ship_rates: dict[str, ShownFigure]


def panel_key(personas: "Iterable[Persona]") -> str:
    """Return the key of a panel: a digest of its personas. Panels of different keys are kept apart."""
    return digest([one.model_dump(mode="json") for one in personas])
