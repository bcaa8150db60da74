"""Personas of the former format, with one rubric and weights for all, as personas of today's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any, Final

from pydantic import ValidationError

from panel.domain.criterion import STEPS, Criterion
from panel.domain.persona import MOST_OF_SHORT, Persona
from panel.store.persona_files import FORMER_RUBRIC, read_yaml

_MOST_CRITERIA: Final = 3  # of the former rubric: what a reviewer gave most weight to
_KEPT: Final = "key name motto lens excited_by tired_of ships_when model temperature".split()


def convert_persona(path: Path, faults: list[str]) -> Persona | None:
    """Return the persona in a file of the former format; None with a line more in `faults`.

    It keeps its texts, and of the rubric beside it the three criteria that it gave most weight to; of
    equals those that stand first. Its questions are left out: a criterion has one of its own.
    """
    fields, rubric = read_yaml(path, faults), read_yaml(path.with_name(FORMER_RUBRIC), faults)
    if fields is None or rubric is None:
        return None
    try:
        criteria = [_criterion(key, of) for key, of in _chosen(fields, rubric)]
        kept = {key: fields[key] for key in _KEPT if key in fields}
        short = shorten(str(kept.get("name", "")), MOST_OF_SHORT, placeholder="")
        return Persona.model_validate(
            {
                **kept,
                "short": short or str(kept["key"])[:MOST_OF_SHORT],
                "criteria": tuple(criteria),
            }
        )
    except (ValidationError, LookupError, TypeError, AttributeError) as error:
        faults.append(f"{path}: it cannot be converted: {' '.join(str(error).split())[:160]}")
        return None


def _chosen(
    fields: Mapping[str, Any], rubric: Mapping[str, Any]
) -> Sequence[tuple[str, Mapping[str, Any]]]:
    weights, criteria = fields["weights"], rubric["criteria"]
    weighed = [(key, of) for key, of in criteria.items() if weights.get(key, 0) > 0]
    heaviest = sorted(weighed, key=lambda pair: -weights[pair[0]])[:_MOST_CRITERIA]
    return [pair for pair in weighed if pair in heaviest]


def _criterion(key: str, fields: Mapping[str, Any]) -> Criterion:
    anchors = tuple(fields["anchors"][step] for step in STEPS)
    return Criterion.model_validate({"key": key, **fields, "anchors": anchors})
