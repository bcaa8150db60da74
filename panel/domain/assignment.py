"""Assignments: which model answers as which persona."""

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


def substitute(
    assignment: Assignment, substitutes: Sequence[str], vendor: str | None
) -> Assignment | None:
    """Return who is asked where the model of `assignment` gave no review; None where there is nobody.

    It is the first of `substitutes` that is another model and not by the maker of the tool.
    """
    for ref in substitutes:
        other = assign(assignment.persona, ref)
        if ref != assignment.ref and not is_own_maker(_maker(other), vendor):
            return other.model_copy(update={"instead_of": assignment.ref})
    return None


def substitute_flags(assignments: Sequence[Assignment]) -> tuple[Flag, ...]:
    """Return a flag for each model that gave no review and was replaced; it holds nothing."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in assignments:
        if one.instead_of:
            found.setdefault((one.instead_of, one.ref), []).append(one.persona.replace("_", " "))
    return tuple(
        Flag(
            kind="substitute",
            message=f"{ref} answered as the {', '.join(who)}: {failed} gave no valid review.",
            holds=False,
        )
        for (failed, ref), who in found.items()
    )


def answered_by_maker_flags(
    reviews: Sequence[Review], assignments: Sequence[Assignment], vendor: str | None
) -> tuple[Flag, ...]:
    """Return a flag for each model by the tool's `vendor` that answered where another was asked.

    A service may route a request to a model of its choice; the answer names it.
    """
    known = {one.persona for one in assignments if one.own_maker}
    found = {
        (maker, one.model): None
        for one in reviews
        if isinstance(one, Scorecard) and one.reviewer not in known
        if is_own_maker(maker := maker_of(one.provider, one.model), vendor)
    }
    return tuple(
        Flag(
            kind="own_maker",
            message=f"{model} answered, a model made by {maker}, who is also the vendor: its service "
            "chose it.",
            holds=False,
        )
        for maker, model in found
    )


def assign(persona: str, ref: str) -> Assignment:
    """Return the assignment of `persona` to a model reference, `provider:model` or a bare provider."""
    provider, _, model = ref.partition(":")
    return Assignment(persona=persona, provider=provider, model=model or provider)


def alternate(personas: Sequence[str], refs: Sequence[str]) -> tuple[Assignment, ...]:
    """Return assignments by turns to `refs`: mixed panels err less alike (arXiv 2404.18796)."""
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
            holds=False,
        )
        for maker in makers
    )
