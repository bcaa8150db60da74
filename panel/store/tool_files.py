"""Tools from files: Markdown with a heading or front matter, YAML or JSON, or text on stdin."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from panel.domain.code_blocks import fence_after
from panel.domain.tool import Tool
from panel.domain.validation import describe_fault
from panel.errors import ToolError
from panel.store.once_loader import OnceLoader, refuse_twice
from panel.store.regular_files import describe_unread
from panel.store.yaml_faults import FAULTS, describe_yaml
from panel.yaml_loader import SAFE_LOADER

MOST_BYTES = 200_000
_MOST_DEPTH = 20
_MOST_PARTS = 5_000  # of a YAML text, keys and values; a tool with a hundred prices has 2,000
_MOST_SIGNS = 100  # of a number; in base 60 the time to read one grows with the square of them
_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_SHOWN = 120
_FRONT = re.compile(
    r"\A\ufeff?---[ \t]*\n(?P<fields>.*?)\n---[ \t]*(?:\n(?P<body>.*))?\Z", re.DOTALL
)
_UNDERLINE = 3
_MOST_OF_A_HEADING, _MOST_LINES_OF_A_HEADING = 1_000, 10
_CLOSING = re.compile(r"\s#+\s*$")  # of "# C# ##" the last two signs
_H1_END = re.compile(r"</h1\b", re.IGNORECASE)
_TARGET = r"\([^()\s]{0,500}(?:\s[^()]{0,200})?\)"
_IMAGE = re.compile(rf"!\[([^][]{{0,200}})\]{_TARGET}")
_LINK = re.compile(rf"(?<!!)\[([^][]{{0,200}})\]{_TARGET}")
_PICTURE = re.compile(
    r"<img\s[^<>]{0,300}?\balt=[\"']([^\"'<>]{1,200})[\"'][^<>]{0,300}>", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]{1,300}>")
_MARKS = str.maketrans("", "", "*`")
_KEYS = (
    "name",
    "tagline",
    "category",
    "vendor",
    "url",
    "entry",
    "prices",
    "licence",
    "not_stated",
    "description",
)
_NEXT = f"Give at least a name and a description; the keys are {', '.join(_KEYS)}."


def read_tool(path: str | Path) -> Tool:
    """Return the tool in the file `path` (.md, .yaml, .yml or .json). Raises ToolError.

    >>> from panel import read_tool
    >>> read_tool("examples/tools/rowboat-sync.md").name
    'Rowboat Sync'
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise ToolError(
            f"{path}: there is no such file. Name a tool's file, or - to read it from stdin."
        ) from error
    except (OSError, ValueError) as error:
        raise ToolError(
            f"{path}: {describe_unread(error)}. Name a file that can be read."
        ) from error
    return parse_tool(data, source=str(path), suffix=path.suffix.casefold())


def parse_tool(data: bytes, *, source: str, suffix: str = ".md") -> Tool:
    """Return the tool that `data` describes; `source` names it in errors. Raises ToolError."""
    text = _decode(data, source)
    if not text.strip():
        raise ToolError(f"{source}: it is empty. {_NEXT}")
    if suffix == ".json":
        fields = _json(text, source)
    elif suffix in (".yaml", ".yml"):
        fields = _yaml(text, source)
    else:
        fields = _markdown(text, source)
    return _tool(fields, source)


def _decode(data: bytes, source: str) -> str:
    if len(data) > MOST_BYTES:
        raise ToolError(
            f"{source}: more than {MOST_BYTES:,} bytes, which is the most a description may have. "
            "Cut it to what a reviewer should read."
        )
    if b"\x00" in data:
        raise ToolError(f"{source}: this is a binary file, not a description. Give text in UTF-8.")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise ToolError(
            f"{source}: not UTF-8 (byte {error.start + 1:,}). Save it as UTF-8 and try again."
        ) from error


def _markdown(text: str, source: str) -> dict[str, Any]:
    front = _FRONT.match(text)
    if front is None:
        return _readme(text, source)
    fields = _yaml(front["fields"], source, first_line=2)
    if "description" in fields:
        raise ToolError(f"{source}: the description stands below the front matter, not in it.")
    return {**fields, "description": (front["body"] or "").strip()}


def _readme(text: str, source: str) -> dict[str, Any]:
    """Return the fields of a text without front matter: its first heading of level 1 is the name."""
    lines = text.strip().split("\n")
    if lines[0].rstrip() == "---":
        raise ToolError(f"{source}: the front matter does not end. Write a line --- below it.")
    fence, is_comment = "", False
    for number, line in enumerate(lines):
        if is_comment or (not fence and line.lstrip().startswith("<!--")):
            is_comment = "-->" not in line
            continue
        fence = fence_after(line, fence)
        heading, length = ("", 0) if fence else _heading(lines, number)
        if name := _plain_heading(heading):
            rest = [*lines[:number], *lines[number + length :]]
            return {"name": name, "description": "\n".join(rest).strip()}
    raise ToolError(
        f"{source}: no name. Begin it with a heading, `# Name`, or with front matter: a line ---, "
        "then name: ..., then ---."
    )


def _heading(lines: list[str], at: int) -> tuple[str, int]:
    """Return the heading of level 1 that begins at a line, and its number of lines: 0 where none is."""
    line = lines[at]
    if line.startswith("# "):
        return _CLOSING.sub("", line[2:_MOST_OF_A_HEADING]), 1
    if line[:3].casefold() == "<h1":
        some = lines[at : at + _MOST_LINES_OF_A_HEADING]
        length = next((n for n, one in enumerate(some, 1) if _H1_END.search(one)), 1)
        return _H1_END.split(" ".join(some[:length]))[0], length
    following = lines[at + 1].rstrip() if at + 1 < len(lines) else ""
    is_underlined = len(following) >= _UNDERLINE and not following.strip("=")
    return (line, 2) if is_underlined else ("", 0)


def _plain_heading(heading: str) -> str:
    """Return the words of a heading; of one that is a picture, those that stand in for it."""
    line = _PICTURE.sub(r"![\1](#)", heading[:_MOST_OF_A_HEADING])
    line = _TAG.sub("", line)
    plain = (_LINK.sub(r"\1", _IMAGE.sub(said, line)) for said in ("", r"\1"))
    return next(filter(None, (" ".join(words.translate(_MARKS).split()) for words in plain)), "")


def _yaml(text: str, source: str, first_line: int = 1) -> dict[str, Any]:
    try:
        _refuse_tricks(text, source)
        fields = yaml.load(text, Loader=_Plain)  # noqa: S506 - a safe one
    except FAULTS as error:
        raise ToolError(f"{source}: {describe_yaml(error, first_line)}") from error
    return _mapping(fields, source)


def _refuse_tricks(text: str, source: str) -> None:
    """Raise for what a tool never needs and a hostile file blows up with, before it is built."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=SAFE_LOADER)):
        if isinstance(event, yaml.AliasEvent):
            raise ToolError(f"{source}: YAML aliases are not taken here. Write the value out.")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_DEPTH:
            raise ToolError(f"{source}: nested deeper than {_MOST_DEPTH} levels. {_NEXT}")
        if number > _MOST_PARTS:
            raise ToolError(f"{source}: more than {_MOST_PARTS:,} keys and values. {_NEXT}")


def _json(text: str, source: str) -> dict[str, Any]:
    try:
        return _mapping(json.loads(text, object_pairs_hook=_once), source)
    except json.JSONDecodeError as error:
        raise ToolError(
            f"{source}: line {error.lineno}: this is no JSON ({error.msg}). Mend it and try again."
        ) from error
    except RecursionError as error:
        raise ToolError(f"{source}: nested deeper than {_MOST_DEPTH} levels. {_NEXT}") from error
    except ValueError as error:
        raise ToolError(f"{source}: this is no JSON ({error}). Mend it and try again.") from error


def _mapping(fields: object, source: str) -> dict[str, Any]:
    if not isinstance(fields, dict):
        raise ToolError(f"{source}: no fields were found. {_NEXT}")
    return {str(key): value for key, value in fields.items()}


def _tool(fields: dict[str, Any], source: str) -> Tool:
    for key in fields:
        if key not in _KEYS:
            raise ToolError(f"{source}: unknown key {_cut(key)}. The keys are {', '.join(_KEYS)}.")
    if _is_blank(fields.get("description")):
        raise ToolError(
            f"{source}: the description is empty. Write what the tool is below the fields."
        )
    if _is_blank(fields.get("name")):
        raise ToolError(f"{source}: the name is missing. Add name: ... to the fields.")
    given = {key: _plain(value) for key, value in fields.items() if value is not None}
    try:
        return Tool.model_validate(given)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(
            str(step) if str(step).isidentifier() else _cut(step) for step in fault["loc"]
        )
        what = describe_fault(fault)
        raise ToolError(f"{source}: {place}: {what}. Mend it and try again.") from error


def _is_blank(value: object) -> bool:
    """Tell whether a field is missing or an empty text; YAML reads an unquoted `No` as a boolean."""
    return value is None or (isinstance(value, str) and not value.strip())


def _plain(value: Any) -> Any:  # noqa: ANN401 - any YAML or JSON value
    """Return `value` as strict values take it: lists as tuples, the prices in them with amounts."""
    if isinstance(value, list):
        return tuple(_price(item) if isinstance(item, dict) else item for item in value)
    return value


def _price(fields: dict[Any, Any]) -> dict[str, Any]:
    return {str(key): _price_field(str(key), value) for key, value in fields.items()}


def _price_field(key: str, value: Any) -> Any:  # noqa: ANN401 - any YAML or JSON value
    if key in ("amount", "up_to"):
        return _amount(value)
    return tuple(value) if isinstance(value, list) else value


def _amount(value: Any) -> Any:  # noqa: ANN401 - any YAML or JSON value
    """Return `value` as a Decimal where it is a number, as it is written."""
    if value is None or isinstance(value, bool):
        return value
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return value


def _cut(key: object) -> str:
    shown = repr(key)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


class _Plain(OnceLoader):
    """YAML's safe subset with each key once, and dates left as the text they were written as."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ANN401, FBT002 - yaml's own
        """Return the value of `node`. Raises ValueError for a number that is too long."""
        if node.tag in _NUMBERS and len(node.value) > _MOST_SIGNS:
            raise ValueError(f"a number has more than {_MOST_SIGNS} digits")
        return super().construct_object(node, deep)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    refuse_twice(key for key, _ in pairs)
    return dict(pairs)


_Plain.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
