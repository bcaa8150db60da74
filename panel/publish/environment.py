"""The environment of templates: whatever they print is checked and escaped in one step."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from panel.publish.compiled_templates import CompiledTemplates
from panel.publish.printable import printable

_ESCAPED: Final = re.compile(r"[&<>\"']")


class _EscapingCodeGenerator(CodeGenerator):
    """Compiles what is printed to `environment.shown(...)`, not `escape(environment.finalize(...))`.

    A page prints a thousand values, and an escaped text needs to be no Markup to be joined. It calls
    two hundred macros, none of which wants jinja's context or has a `{% call %}` block: so what is
    called is called, and not looked at first. `a.b` is an attribute, and never an item: those are
    written `a['b']`.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ANN401, ARG002 - jinja's
        self.write("environment.shown(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ANN401, ARG002 - jinja's
        self.write(")")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: ARG002, FBT002, N802 - jinja's
        self.write("environment.called(")
        self.visit(node.node, frame)
        self.signature(node, frame)
        self.write(")")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - jinja's
        self.visit(node.node, frame)
        self.write(f".{node.attr}")


class HtmlEnvironment(Environment):
    """An environment whose templates write HTML: all text is escaped, and None is an error."""

    code_generator_class = _EscapingCodeGenerator

    @staticmethod
    def called(function: Callable[..., Any], *args: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever a template calls
        """Return what a macro or a function comes to."""
        return function(*args, **named)

    @staticmethod
    def shown(value: Any) -> str:  # noqa: ANN401 - whatever a template prints
        """Return `value` as HTML. Raises TypeError for None: see `printable`."""
        if type(value) is str:
            if value.isprintable() and not _ESCAPED.search(value):
                return value
        elif type(value) is Markup:
            return value
        return escape(printable(value))


def escaping_environment(
    *folders: Path, made_by: Path, kind: type[Environment] = Environment
) -> Environment:
    """Return an environment of the templates in `folders`, the first before the others.

    All text is escaped, and a value that is missing or None is an error. They are kept compiled, for as
    long as `made_by`, the module that asks, is the same.
    """
    return kind(
        loader=FileSystemLoader(folders),
        bytecode_cache=CompiledTemplates(folders[0], made_by, Path(__file__)),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printable,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
