"""Why a YAML text cannot be read, in one line: where, what, and what to do."""

from typing import Final

import yaml

_OF_TAGS: Final = (LookupError, AttributeError, TypeError)
FAULTS: Final = (yaml.YAMLError, ValueError, OverflowError, RecursionError, *_OF_TAGS)
"""What loading a hostile text raises: of `!!bool perhaps` PyYAML makes a KeyError, of a float in
base 60 an OverflowError."""
_MOST = 120
_OPENED = (
    "while scanning a quoted",
    "while parsing a flow",
)  # what does not end is named where it begins


def describe_yaml(error: Exception, first_line: int = 1) -> str:
    """Return what is wrong with a YAML text that begins at line `first_line` of its file.

    `line 3: this is no YAML (mapping values are not allowed here). Mend ...`; no word is cut.
    """
    if isinstance(error, _OF_TAGS):
        return (
            "this is no YAML (a value is none of those that its tag names). Mend it and try again."
        )
    if not isinstance(error, yaml.MarkedYAMLError):
        return f"this is no YAML ({_cut(str(error))}). Mend it and try again."
    is_open = (error.context or "").startswith(_OPENED)
    mark = (error.context_mark if is_open else None) or error.problem_mark
    where = "" if mark is None else f"line {mark.line + first_line}: "
    why = _cut(error.problem or error.context or "it breaks off")
    is_spelling = isinstance(error, yaml.scanner.ScannerError | yaml.parser.ParserError)
    quotes = (
        ": a text that has a colon, a quote or a bracket stands in quotes" if is_spelling else ""
    )
    return f"{where}this is no YAML ({why}). Mend it{quotes}."


def _cut(text: str) -> str:
    """Return `text` on one line, without its last words where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST else f"{line[:_MOST].rpartition(' ')[0] or line[:_MOST]} …"
