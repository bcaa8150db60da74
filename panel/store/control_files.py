"""Controls from a folder: a text each, and `expect.yaml` with the votes; faults by file and key."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from panel.domain.ballot import Decision
from panel.domain.control import PAIRED, Control, ControlKind
from panel.domain.tool import Tool
from panel.errors import ConfigError, ToolError
from panel.store.persona_files import read_yaml
from panel.store.tool_files import read_tool

EXPECTED: Final = ("expect.yaml", "expect.json")
_MOST_FAULTS: Final = 20
_SHOWN: Final = "docs/audit.md shows how the votes are written."
_WORDS: Final = frozenset({"kind", "of", "why"})
_KINDS: Final = get_args(ControlKind)
_VOTES: Final = get_args(Decision)


def load_controls(folder: Path) -> tuple[Control, ...]:
    """Return the controls of a folder, in the order of `expect.yaml`. Raises ConfigError.

    `expect.yaml` (or `expect.json`) has for each text `<key>.md` the vote of each persona by its key,
    and may have `kind`, `of` and `why`. Without a kind it is clear where all votes are alike, else
    divisive; a control `of` another one has the votes of that one where it names none.
    """
    file = next((folder / name for name in EXPECTED if (folder / name).is_file()), None)
    if file is None:
        raise ConfigError(
            f"{folder}: no {EXPECTED[0]} is here. Name a folder with texts and the votes that are "
            f"expected on them. {_SHOWN}"
        )
    faults: list[str] = []
    expected = read_yaml(file, faults)
    if not expected:
        said = faults[0] if faults else f"{file}: no control is named"
        raise ConfigError(f"{said.rstrip('.')}. {_SHOWN}")
    faults += [
        f"{file}: {key!r} is no text; put it in quotes"
        for key in expected
        if not isinstance(key, str)
    ]
    listed = _List(file, expected, faults)
    keys = [key for key in expected if isinstance(key, str)]
    controls = [one for key in keys if (one := listed.read(key)) is not None]
    faults += [
        f"{path}: {file.name} has no votes for it; write them, or take the text away"
        for path in sorted(folder.glob("*.md"))
        if path.stem not in expected
    ]
    faults += _twice(controls)
    if faults:
        more = len(faults) - _MOST_FAULTS
        named = [
            *faults[:_MOST_FAULTS],
            *([f"{file}: and {more:,} more faults"] if more > 0 else []),
        ]
        raise ConfigError("\n".join(named))
    return tuple(controls)


@dataclass(frozen=True)
class _List:
    """A file with what is expected of each control; `faults` gets a line for each thing wrong."""

    file: Path
    expected: dict[str, Any]
    faults: list[str]

    def read(self, key: str) -> Control | None:
        """Return the control of that key; None where something is wrong with it."""
        fields = self.expected[key]
        wrong = [f"{self.file}: {key}: {fault}" for fault in self._wrong(key, fields)]
        tool = _tool(self.file.parent / f"{key}.md", wrong)
        if wrong or tool is None:
            self.faults.extend(wrong)
            return None
        votes = _votes(fields) or self._votes_of(fields)
        kind = "clear" if len(set(votes.values())) == 1 else "divisive"
        of, why = fields.get("of"), str(fields.get("why") or "")
        return Control.model_validate(
            {
                "key": key,
                "kind": fields.get("kind") or kind,
                "tool": tool,
                "votes": votes,
                "of": of,
                "why": why,
            }
        )

    def _wrong(self, key: str, fields: object) -> Iterator[str]:
        if not isinstance(fields, dict):
            yield "the votes of the personas are asked for, like builder: ship"
            return
        kind, of = fields.get("kind"), fields.get("of")
        if kind is not None and kind not in _KINDS:
            yield f"kind: {str(kind)[:40]!r} is none of {', '.join(_KINDS)}"
        if kind in PAIRED and of is None:
            yield f"of: a {kind} names the control that it is of"
        if of is not None and (of == key or not self._votes_of(fields)):
            yield f"of: {str(of)[:40]!r} is no other control of this file with votes of its own"
        for persona, vote in fields.items():
            if not isinstance(persona, str):
                yield f"{persona!r} is no text; put it in quotes"
            elif persona not in _WORDS and vote not in _VOTES:
                yield f"{persona[:40]}: {str(vote)[:40]!r} is no vote; write ship or skip"
        if not fields.keys() - _WORDS and not self._votes_of(fields):
            yield "no persona has a vote; write one like builder: ship"

    def _votes_of(self, fields: dict[str, Any]) -> dict[str, Decision]:
        """Return the votes on the control that this one is of; none where there is no such one."""
        of = fields.get("of")
        other = self.expected.get(of) if isinstance(of, str) else None
        return _votes(other) if isinstance(other, dict) else {}


def _votes(fields: dict[str, Any]) -> dict[str, Decision]:
    return {key: vote for key, vote in fields.items() if key not in _WORDS and vote in _VOTES}


def _tool(path: Path, wrong: list[str]) -> Tool | None:
    if not path.is_file():
        wrong.append(f"{path}: there is no such text; write it, or take its votes away")
        return None
    try:
        return read_tool(path)
    except ToolError as error:
        wrong.append(str(error))
        return None


def _twice(controls: list[Control]) -> Iterator[str]:
    """Yield a fault for each name that several controls have: runs are found by it."""
    named = defaultdict(list)
    for control in controls:
        named[control.tool.slug].append(control.key)
    for keys in named.values():
        if keys[1:]:
            yield f"{', '.join(keys)}: their tools have one name. Give each a name of its own."
