"""Personas, rubric and prompts from their files; every fault is named by file and key."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from panel.checklist.signals import signal_faults
from panel.domain.json_answer import repeated
from panel.domain.persona import Persona
from panel.domain.prompts import PROMPTS
from panel.domain.rubric import STEPS, Rubric
from panel.domain.template import Template
from panel.errors import ConfigError

RUBRIC = "rubric.yaml"
# libyaml reads the folder in 8 ms where pure Python takes 150.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Once(_LOADER):  # type: ignore[misc]  # it is one of two classes
    """The loader with each key once: of two, YAML would take the last without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT002 - yaml's own
        """Return the mapping of `node`. Raises ValueError for a key that stands twice."""
        keys = (key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        if (twice := repeated(keys)) is not None:
            raise ValueError(f"the key {twice!r:.40} stands twice")
        fields: dict[Any, Any] = super().construct_mapping(node, deep)
        return fields


@dataclass(frozen=True)
class PersonaSet:
    """Everything that makes the reviewers sound as they do."""

    personas: tuple[Persona, ...]
    rubric: Rubric
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
    """Return what the folders `personas` and `prompts` hold. Raises ConfigError with every fault."""
    faults: list[str] = []
    rubric = _load_rubric(personas / RUBRIC, faults)
    found = [
        persona
        for path in sorted(personas.glob("*.yaml"))
        if path.name != RUBRIC and (persona := _load_persona(path, rubric, faults))
    ]
    if not found and not faults:
        faults.append(
            f"{personas}: no persona is here; `shipskip init DIR` lays out the built-in ones"
        )
    templates = tuple(_load_prompt(prompts / f"{name}.md", faults) for name in PROMPTS)
    if faults or rubric is None:
        raise ConfigError("\n".join(faults))
    return PersonaSet(tuple(found), rubric, templates)


def _load_rubric(path: Path, faults: list[str]) -> Rubric | None:
    fields = _read(path, faults)
    if fields is None:
        return None
    criteria = fields.get("criteria")
    if not isinstance(criteria, dict) or not criteria:
        faults.append(f"{path}: criteria: no criterion is here; give at least one with its anchors")
        return None
    wrong = [
        f"{path}: criteria.{key}.{fault}"
        for key, fields_of in criteria.items()
        for fault in _anchor_faults(_dict(fields_of))
    ]
    if wrong:
        faults += wrong
        return None
    listed = tuple({"key": key, **_with_anchors(one)} for key, one in criteria.items())
    try:
        return Rubric.model_validate({**fields, "criteria": listed})
    except ValidationError as error:
        keys = list(criteria)
        for fault in error.errors(include_url=False, include_input=False):
            place = [str(step) for step in fault["loc"]]
            if len(place) > 1 and place[1].isdigit():
                place[1] = str(keys[int(place[1])])
            faults.append(f"{path}: {'.'.join(place)}: {_plain(fault['msg'])}")
        return None


def _anchor_faults(criterion: dict[Any, Any]) -> Iterator[str]:
    anchors = _dict(criterion.get("anchors"))
    missing = [str(step) for step in STEPS if not anchors.get(step)]
    if missing:
        yield f"anchors: no text for step {', '.join(missing)}; every step from 1 to 5 needs one"
    for step, text in anchors.items():
        if step not in STEPS:
            yield f"anchors: {step!r} is no step; the scale goes from 1 to 5"
        elif text and not isinstance(text, str):
            yield f"anchors.{step}: it is no text; put it in quotes"


def _with_anchors(criterion: dict[str, Any]) -> dict[str, Any]:
    return {**criterion, "anchors": tuple(criterion["anchors"][step] for step in STEPS)}


def _load_persona(path: Path, rubric: Rubric | None, faults: list[str]) -> Persona | None:
    fields = _read(path, faults)
    if fields is None:
        return None
    try:
        persona = Persona.model_validate(fields)
    except ValidationError as error:
        faults += _named(path, error)
        return None
    if persona.key != path.stem:
        faults.append(f"{path}: key: it is {persona.key!r}, but the file is named {path.stem!r}")
    if rubric is not None:
        faults += [f"{path}: {misfit}" for misfit in persona.misfits(rubric)]
    faults += [f"{path}: {fault}" for fault in signal_faults(persona)]
    return persona


def _load_prompt(path: Path, faults: list[str]) -> Template:
    wanted = PROMPTS[path.stem]
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(
            f"{path}: cannot be read ({error}); `shipskip init DIR` lays out the built-in one"
        )
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


def _read(path: Path, faults: list[str]) -> dict[str, Any] | None:
    try:
        text = path.read_text(encoding="utf-8")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_LOADER)):
            faults.append(f"{path}: YAML aliases are not taken here; write the value out")
            return None
        fields = _tupled(yaml.load(text, Loader=_Once))  # noqa: S506 - either is a safe loader
    except (OSError, UnicodeDecodeError) as error:
        faults.append(
            f"{path}: cannot be read ({error}); `shipskip init DIR` lays out the built-in one"
        )
        return None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        faults.append(f"{path}: not YAML: {' '.join(str(error).split())[:160]}")
        return None
    if not isinstance(fields, dict):
        faults.append(f"{path}: no keys are here")
        return None
    return fields


def _named(path: Path, error: ValidationError) -> Iterable[str]:
    for fault in error.errors(include_url=False, include_input=False):
        place = ".".join(str(step) for step in fault["loc"]) or "the file"
        yield f"{path}: {place}: {_plain(fault['msg'])}"


def _plain(message: str) -> str:
    if message.startswith("Extra inputs"):
        return "no such key"
    if message == "Field required":
        return "missing"
    return message.removeprefix("Value error, ")


def _tupled(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    if isinstance(value, list):
        return tuple(_tupled(item) for item in value)
    if isinstance(value, dict):
        return {key: _tupled(item) for key, item in value.items()}
    return value


def _dict(value: object) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}
