"""Which model answers as which persona: from the command, the settings and the keys that are set."""

from collections.abc import Sequence
from difflib import get_close_matches

from panel.app.settings import Settings
from panel.domain.assignment import alternate, assign
from panel.domain.review import CHECKLIST, MANUAL
from panel.domain.run import Assignment
from panel.errors import ConfigError
from panel.store.persona_files import PersonaSet


def choose_assignments(
    settings: Settings, persona_set: PersonaSet, personas: Sequence[str], models: Sequence[str]
) -> tuple[tuple[Assignment, ...], tuple[str, ...], Assignment]:
    """Return who answers as whom, the fallback models, and who does the intake.

    `models` (from the command) goes before a persona's own model, that before `[models] panel`, and
    that before the keys that are set; with none the checklist answers. Raises ConfigError.
    """
    chosen = persona_set.choose(personas)
    for ref in models or settings.models.panel:
        check_ref(ref, settings)
    general = tuple(models) or settings.models.panel or available_models(settings)
    assignments = alternate([persona.key for persona in chosen], general)
    if not models:
        own = {persona.key: persona.model for persona in chosen if persona.model}
        for ref in own.values():
            check_ref(ref, settings)
        assignments = tuple(
            assign(one.persona, own[one.persona]) if one.persona in own else one
            for one in assignments
        )
    fallbacks = tuple(ref for ref in available_models(settings) if ref != CHECKLIST)
    are_models = not any(ref in (CHECKLIST, MANUAL) for ref in general)
    return assignments, fallbacks if are_models else (), assign("intake", general[0])


def choose_substitutes(settings: Settings, assignments: Sequence[Assignment]) -> tuple[str, ...]:
    """Return the models that are asked where one of the panel gave no review; none by hand.

    Raises ConfigError where one of them cannot be asked.
    """
    for ref in settings.models.substitutes:
        if ref in (CHECKLIST, MANUAL):
            raise ConfigError(
                f"[models] substitutes: {ref} is no model, so it cannot take the place of one. "
                "Take it out."
            )
        check_ref(ref, settings)
    are_models = not any(one.ref in (CHECKLIST, MANUAL) for one in assignments)
    return settings.models.substitutes if are_models else ()


def available_models(settings: Settings) -> tuple[str, ...]:
    """Return a model reference for each provider that can be called, or the checklist.

    Example: with both keys set `("openai:gpt-5.4-mini", "mistral:mistral-medium-latest")`.
    """
    found = tuple(
        f"{name}:{model}"
        for name in settings.services
        if (model := settings.default_model(name)) and settings.has_key(name)
    )
    return found or (CHECKLIST,)


def _did_you_mean(name: str, model: str, settings: Settings) -> str:
    """Return a question after the service, or what needs no model, that a name is nearest to."""
    near = get_close_matches(name, (*settings.services, MANUAL, CHECKLIST), n=1)
    if not near:
        return ""
    service = settings.service(near[0])
    model = f":{model or service.model_example}" if service else ""
    return f"Did you mean {near[0]}{model}? "


def check_ref(ref: str, settings: Settings) -> None:
    """Raise ConfigError, with what can be done, where nobody can answer as `ref`."""
    if ref in (CHECKLIST, MANUAL):
        return
    name, _, model = ref.partition(":")
    service = settings.service(name)
    if service is None or not model:
        known = ", ".join(f"{name}:{one.model_example}" for name, one in settings.services.items())
        meant = "" if service else _did_you_mean(name, model, settings)
        raise ConfigError(
            f"{ref!r} is no model reference. {meant}Give {known}, {MANUAL} or {CHECKLIST}."
        )
    if not service.has_address:
        where = f" or {service.address_variable}" if service.address_variable else ""
        raise ConfigError(
            f"{ref}: the address of {name} is not known. Set base_url under [services.{name}]{where}."
        )
    if not settings.has_key(name):
        own = f" or name a server of your own under [{name}] base_url" if service.elsewhere else ""
        what = f"{service.key_variable} is not set. Set it{own}"
        if service.key_variable is None:
            what = f"it needs a key. Name its variable under [services.{name}] key_variable"
        raise ConfigError(
            f"{ref}: {what}, use --model {MANUAL} to paste the prompts into any chat, or --model "
            f"{CHECKLIST}, which asks no model."
        )


def has_batch_service(assignment: Assignment, settings: Settings) -> bool:
    """Return whether the service of an assignment takes batches of requests."""
    service = settings.services.get(assignment.provider)
    return service is not None and service.has_batches
