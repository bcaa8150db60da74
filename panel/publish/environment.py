"""The environment of templates: whatever they print is checked and escaped in one step."""

import re
from typing import Any, Final

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

# What HTML forbids as text; a reader should see that something was there.
_FORBIDDEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef"
    + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(17))
    + "]"
)

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


class _OneStep(CodeGenerator):
    """Compiles what is printed to `environment.shown(...)`, not `escape(environment.finalize(...))`.

    A page prints a thousand values, and an escaped text needs to be no Markup to be joined.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ANN401, ARG002 - jinja's
        self.write("environment.shown(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ANN401, ARG002 - jinja's
        self.write(")")


class HtmlEnvironment(Environment):
    """An environment whose templates write HTML: all text is escaped, and None is an error."""

    code_generator_class = _OneStep

    @staticmethod
    def shown(value: Any) -> str:  # noqa: ANN401 - whatever a template prints
        """Return `value` as HTML, with what HTML forbids made visible.

        Raises TypeError for None: a page's bug.
        """
        if type(value) is str:
            if value.isalnum():  # a class, a key, a number: there is nothing to escape
                return value
            return escape(value if value.isprintable() else _FORBIDDEN.sub(_REPLACEMENT, value))
        if type(value) is Markup:
            return value
        if value is None:
            raise TypeError("a template prints None: absence has to be said in words")
        return escape(value)
