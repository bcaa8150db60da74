"""Personas and prompts from their files; every fault is named by file and key."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from panel.domain.criterion import STEPS, Key
from panel.domain.persona import FEWEST_CRITERIA, MOST_CRITERIA, Persona
from panel.domain.prompts import PROMPTS
from panel.domain.template import Template
from panel.domain.validation import describe_fault
from panel.errors import ConfigError
from panel.store.once_loader import OnceLoader
from panel.store.regular_files import describe_unread, read_text
from panel.store.yaml_faults import FAULTS, describe_yaml
from panel.yaml_loader import SAFE_LOADER

_BUILT_IN = "`shipskip init DIR` lays out the built-in one"
FORMER_RUBRIC = "rubric.yaml"
FORMER_KEYS = frozenset({"weights", "questions", "signals"})
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True)
class PersonaSet:
    """Everything that makes the reviewers sound as they do."""

    personas: tuple[Persona, ...]
    prompts: tuple[Template, ...]

    def choose(self, keys: Sequence[str]) -> tuple[Persona, ...]:
        """Return the personas of those keys, in that order; all where none is named.

        Raises ConfigError for an unknown or repeated key.
        """
        known = {persona.key: persona for persona in self.personas}
        for key in keys:
            if key not in known:
                raise ConfigError(
                    f"there is no persona {key!r}. The personas are {', '.join(known)}."
                )
        if len(set(keys)) < len(keys):
            raise ConfigError("a persona is named twice. Name each one once.")
        return tuple(known[key] for key in keys) if keys else self.personas


def load_personas(personas: Path, prompts: Path) -> PersonaSet:
    """Return what the folders `personas` and `prompts` hold. Raises ConfigError with every fault.

    Of a folder with files of the former format it says that in one line, and what to do.
    """
    faults: list[str] = []
    paths = sorted(personas.glob("*.yaml"))
    read = {path: read_yaml(path, faults) for path in paths}
    if is_former(read):
        raise ConfigError(
            f"{personas}: these personas are of the former format, with one rubric and weights for "
            "all; a reviewer now has criteria of its own. `shipskip personas upgrade` keeps the old "
            "files and writes new ones."
        )
    found = [
        persona
        for path, fields in read.items()
        if fields is not None and (persona := _persona(path, fields, faults))
    ]
    if not paths:
        faults.append(
            f"{personas}: no persona is here; `shipskip init DIR` lays out the built-in ones"
        )
    templates = tuple(
        _load_prompt(prompts / f"{name}.md", wanted, faults) for name, wanted in PROMPTS.items()
    )
    if faults:
        raise ConfigError("\n".join(faults))
    return PersonaSet(tuple(found), templates)


def load_prompt(path: Path, wanted: frozenset[str]) -> Template:
    """Return the prompt in one file, which uses exactly the variables `wanted`.

    Raises ConfigError with every fault.
    """
    faults: list[str] = []
    template = _load_prompt(path, wanted, faults)
    if faults:
        raise ConfigError("\n".join(faults))
    return template


def load_persona(path: Path) -> Persona:
    """Return the persona in one file, whose name is its key. Raises ConfigError with every fault."""
    faults: list[str] = []
    fields = read_yaml(path, faults)
    persona = None if fields is None else _persona(path, fields, faults)
    if persona is None:
        raise ConfigError("\n".join(faults))
    return persona


def is_former(read: dict[Path, dict[str, Any] | None]) -> bool:
    """Tell whether the files of a folder are of the format with one rubric for all personas."""
    return any(
        path.name == FORMER_RUBRIC or not FORMER_KEYS.isdisjoint(fields or ())
        for path, fields in read.items()
    )


def write_persona(persona: Persona) -> str:
    """Return the YAML of `persona`, which `load_personas` reads as it was."""
    fields = persona.model_dump(mode="json", exclude={"criteria"}, exclude_none=True)
    ships_when = fields.pop("ships_when")
    fields["criteria"] = {
        one.key: {
            "label": one.label,
            "question": one.question,
            "anchors": dict(zip(STEPS, one.anchors, strict=True)),
        }
        for one in persona.criteria
    }
    fields["ships_when"] = ships_when
    text: str = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=100)
    return text


def read_comments(path: Path) -> str:
    """Return the lines at the start of a file that are comments, for whoever edits it."""
    lines = read_text(path).splitlines(keepends=True)
    return "".join(takewhile(lambda line: line.startswith("#"), lines))


def _persona(path: Path, fields: dict[str, Any], faults: list[str]) -> Persona | None:
    wrong = list(_criteria_faults(fields.get("criteria")))
    if not wrong:
        fields = {**fields, "criteria": _listed(fields["criteria"])}
        try:
            persona = Persona.model_validate(fields)
        except ValidationError as error:
            wrong += _named(error, fields)
        else:
            if persona.key == path.stem:
                return persona
            wrong.append(f"key: it is {persona.key!r}, but the file is named {path.stem!r}")
    faults += [f"{path}: {fault}" for fault in wrong]
    return None


def _criteria_faults(criteria: object) -> Iterator[str]:
    if not isinstance(criteria, dict) or not criteria:
        yield "criteria: no criterion is here; a reviewer needs at least one, with its anchors"
        return
    if len(criteria) > MOST_CRITERIA:
        yield f"criteria: {len(criteria)} are here, {FEWEST_CRITERIA} to {MOST_CRITERIA} are taken"
    for key, fields in criteria.items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            yield f"criteria: {str(key)[:40]!r} is no key; write it like first_run: a-z, 0-9 and _"
        elif not isinstance(fields, dict):
            yield f"criteria.{key}: label, question and anchors are asked for"
        else:
            yield from (f"criteria.{key}.{fault}" for fault in _anchor_faults(fields))


def _anchor_faults(criterion: dict[Any, Any]) -> Iterator[str]:
    given = criterion.get("anchors")
    anchors = given if isinstance(given, dict) else {}
    missing = [str(step) for step in STEPS if not anchors.get(step)]
    if missing:
        yield f"anchors: no text for step {', '.join(missing)}; every step from 1 to 5 needs one"
    for step, text in anchors.items():
        if step not in STEPS:
            yield f"anchors: {str(step)[:40]!r} is no step; the scale goes from 1 to 5"
        elif text and not isinstance(text, str):
            yield f"anchors.{step}: it is no text; put it in quotes"


def _listed(criteria: dict[Key, dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return criteria as the domain has them: a tuple, with the anchors in the order of the steps."""
    return tuple(
        {"key": key, **fields, "anchors": tuple(fields["anchors"][step] for step in STEPS)}
        for key, fields in criteria.items()
    )


def _load_prompt(path: Path, wanted: frozenset[str], faults: list[str]) -> Template:
    try:
        text = read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{path}: cannot be read ({describe_unread(error)}); {_BUILT_IN}")
        return Template(name=path.stem, text="")
    template = Template(name=path.stem, text=text.strip())
    faults += [
        f"{path}: ${name}: no such variable; write $$ for a dollar sign"
        for name in sorted(template.variables - wanted)
    ]
    faults += [
        f"{path}: ${name} is missing; without it the prompt is not whole"
        for name in sorted(wanted - template.variables)
    ]
    return template


def read_yaml(path: Path, faults: list[str]) -> dict[str, Any] | None:
    """Return the mapping in a YAML file, its lists as tuples; None with a line more in `faults`."""
    try:
        text = read_text(path)
        if any(
            isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=SAFE_LOADER)
        ):
            faults.append(f"{path}: YAML aliases are not taken here; write the value out")
            return None
        fields = _tupled(yaml.load(text, Loader=OnceLoader))  # noqa: S506 - either is a safe loader
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{path}: cannot be read ({describe_unread(error)}); {_BUILT_IN}")
        return None
    except FAULTS as error:
        faults.append(f"{path}: {describe_yaml(error)}")
        return None
    if not isinstance(fields, dict):
        faults.append(f"{path}: no keys are here; {_BUILT_IN}")
        return None
    return fields


def _named(error: ValidationError, fields: dict[str, Any]) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_input=False):
        place = [str(step) for step in fault["loc"]]
        if place[:1] == ["criteria"] and len(place) > 1:
            place[1] = fields["criteria"][int(place[1])]["key"]
        yield f"{'.'.join(place) or 'the file'}: {describe_fault(fault)}"


def _tupled(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    if isinstance(value, list):
        return tuple(_tupled(item) for item in value)
    if isinstance(value, dict):
        return {key: _tupled(item) for key, item in value.items()}
    return value
