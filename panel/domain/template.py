"""The file of a prompt as a template: strict variables are filled in, and nothing more."""

import re
from collections.abc import Mapping

from panel.domain.value import Value

_VARIABLE = re.compile(r"\$(?:(?P<name>[a-z_]+)|(?P<escaped>\$))")


class Template(Value):
    """A prompt file's text with its `$name` variables; `$$` is a dollar sign."""

    name: str
    text: str

    @property
    def variables(self) -> frozenset[str]:
        """The names that the text uses."""
        return frozenset(m["name"] for m in _VARIABLE.finditer(self.text) if m["name"])

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with every variable replaced once; a value is never read as a template.

        Raises KeyError for a variable without a value: templates are checked when they are loaded.
        """
        return _VARIABLE.sub(lambda m: "$" if m["escaped"] else values[m["name"]], self.text)
