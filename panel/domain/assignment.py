"""Seating: which model answers as which persona."""

from collections.abc import Sequence

from panel.domain.conflict_of_interest import is_own_maker, maker_of
from panel.domain.flag import Flag
from panel.domain.review import Review, Scorecard
from panel.domain.run import Assignment


def reassign(
    assignments: Sequence[Assignment], fallbacks: Sequence[str], vendor: str | None
) -> tuple[Assignment, ...]:
    """Return `assignments` after the vendor-conflict rule.

    An assignment whose model's maker is the tool's `vendor` goes to the first of `fallbacks` that
    has another maker. Where there is none it stays and is marked with the maker's name.
    """
    return tuple(_reassign(assignment, fallbacks, vendor) for assignment in assignments)


def _reassign(assignment: Assignment, fallbacks: Sequence[str], vendor: str | None) -> Assignment:
    maker = _maker(assignment)
    if not is_own_maker(maker, vendor):
        return assignment
    for ref in fallbacks:
        other = assign(assignment.persona, ref)
        if not is_own_maker(_maker(other), vendor):
            return other
    return assignment.model_copy(update={"own_maker": maker})


def assign(persona: str, ref: str) -> Assignment:
    """Return the assignment of `persona` to a model reference, `provider:model` or a bare provider."""
    provider, _, model = ref.partition(":")
    return Assignment(persona=persona, provider=provider, model=model or provider)


def alternate(personas: Sequence[str], refs: Sequence[str]) -> tuple[Assignment, ...]:
    """Return seats that take turns through `refs`: mixed panels err less alike (arXiv 2404.18796)."""
    return tuple(assign(key, refs[n % len(refs)]) for n, key in enumerate(personas))


def _maker(assignment: Assignment) -> str | None:
    return maker_of(assignment.provider, assignment.model)


def own_maker_flags(assignments: Sequence[Assignment]) -> tuple[Flag, ...]:
    """Return a flag for each maker that judges its own tool; it holds nothing, the page says it."""
    makers = dict.fromkeys(
        assignment.own_maker for assignment in assignments if assignment.own_maker
    )
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


def answered_flags(
    assignments: Sequence[Assignment], reviews: Sequence[Review], vendor: str | None
) -> tuple[Flag, ...]:
    """Return a flag for each maker that a router chose to judge its own tool.

    Who made a routed answer is known only when it is there: by the model that the answer names.
    """
    said = {assignment.own_maker for assignment in assignments}
    makers = {
        maker: card.name
        for card in reviews
        if isinstance(card, Scorecard)
        and is_own_maker(maker := maker_of(card.provider, card.model), vendor)
        and maker not in said
    }
    return tuple(
        Flag(
            kind="own_maker",
            message=f"A model made by {maker}, who is also the vendor, answered as {name}: ask for a "
            "model of another maker by its name.",
            excerpt=None,
            holds=False,
        )
        for maker, name in makers.items()
    )
