"""What a template prints: no None, and nothing that HTML forbids."""

import re
from typing import Any, Final

# What HTML forbids as text; a reader should see that something was there.
_FORBIDDEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(17))
    + "]"
)


def printable(value: Any) -> Any:  # noqa: ANN401 - whatever a template prints
    """Return `value` with what HTML forbids made visible. Raises TypeError for None: a page's bug."""
    if value is None:
        raise TypeError("a template prints None: absence has to be said in words")
    if type(value) is str and not value.isprintable():
        return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value)
    return value
