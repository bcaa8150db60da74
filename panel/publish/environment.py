"""The environment of templates: whatever they print is checked and escaped in one step."""

from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from panel.publish.printable import printable


class _EscapingCodeGenerator(CodeGenerator):
    """Compiles what is printed to `environment.shown(...)`, not `escape(environment.finalize(...))`.

    A page prints a thousand values, and an escaped text needs to be no Markup to be joined.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ANN401, ARG002 - jinja's
        self.write("environment.shown(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ANN401, ARG002 - jinja's
        self.write(")")


class HtmlEnvironment(Environment):
    """An environment whose templates write HTML: all text is escaped, and None is an error."""

    code_generator_class = _EscapingCodeGenerator

    @staticmethod
    def shown(value: Any) -> str:  # noqa: ANN401 - whatever a template prints
        """Return `value` as HTML. Raises TypeError for None: see `printable`."""
        if type(value) is str and value.isalnum():
            return value  # a class, a key, a number: there is nothing to escape
        if type(value) is Markup:
            return value
        return escape(printable(value))
