"""Seating: which model answers as which persona."""

from collections.abc import Sequence

from panel.domain.conflict_of_interest import is_own_maker, maker_of
from panel.domain.flag import Flag
from panel.domain.run import Seat


def reseat(seats: Sequence[Seat], bench: Sequence[str], vendor: str | None) -> tuple[Seat, ...]:
    """Return `seats` after the vendor-conflict rule.

    A seat whose model's maker is the tool's `vendor` goes to the first model reference on the
    `bench` that has another maker. Where there is none it stays and is marked with the maker's name.
    """
    return tuple(_reseat(seat, bench, vendor) for seat in seats)


def _reseat(seat: Seat, bench: Sequence[str], vendor: str | None) -> Seat:
    maker = _maker(seat)
    if not is_own_maker(maker, vendor):
        return seat
    for ref in bench:
        other = seat_of(seat.persona, ref)
        if not is_own_maker(_maker(other), vendor):
            return other
    return seat.model_copy(update={"own_maker": maker})


def seat_of(persona: str, ref: str) -> Seat:
    """Return the seat of `persona` for a model reference, `provider:model` or a bare provider."""
    provider, _, model = ref.partition(":")
    return Seat(persona=persona, provider=provider, model=model or provider)


def alternate(personas: Sequence[str], refs: Sequence[str]) -> tuple[Seat, ...]:
    """Return seats that take turns through `refs`: mixed panels err less alike (arXiv 2404.18796)."""
    return tuple(seat_of(key, refs[n % len(refs)]) for n, key in enumerate(personas))


def _maker(seat: Seat) -> str | None:
    return maker_of(seat.provider, seat.model)


def own_maker_flags(seats: Sequence[Seat]) -> tuple[Flag, ...]:
    """Return a flag for each maker that judges its own tool; it holds nothing, the page says it."""
    makers = dict.fromkeys(seat.own_maker for seat in seats if seat.own_maker)
    return tuple(
        Flag(
            kind="own_maker",
            message=f"A model made by {maker}, who is also the vendor, is on the panel: no other "
            "provider is configured.",
            excerpt=None,
            holds=False,
        )
        for maker in makers
    )
