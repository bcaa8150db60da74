"""Several samples of one reviewer, settled into the one review that the panel counts."""

from collections.abc import Sequence

from panel.domain.ballot import Decision
from panel.domain.review import Abstention, Agreement, Scorecard


def settle(samples: Sequence[Scorecard | Abstention], tie: Decision) -> Scorecard | Abstention:
    """Return the sample that speaks for one or more samples of one reviewer.

    The majority of the scorecards decides ship or skip, `tie` an even count; of that side the
    sample with the middle score is shown (the lower of two, the earlier of equals), with how many
    agreed. Abstentions count only where nothing else came: then the first one stands.
    """
    cards = [sample for sample in samples if isinstance(sample, Scorecard)]
    if not cards:
        return samples[0]
    if len(samples) == 1:
        return cards[0]
    ships = [card for card in cards if card.verdict == "ship"]
    skips = [card for card in cards if card.verdict == "skip"]
    even = ships if tie == "ship" else skips
    side = even if len(ships) == len(skips) else max(ships, skips, key=len)
    ranked = sorted(side, key=lambda card: card.score)
    chosen = ranked[(len(ranked) - 1) // 2]
    return chosen.model_copy(update={"agreement": Agreement(agree=len(side), of=len(cards))})
