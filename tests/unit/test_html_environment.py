"""What templates print: escaped, with what HTML forbids made visible, and never nothing."""

import pytest
from jinja2 import DictLoader, UndefinedError
from markupsafe import Markup

from panel.publish.pages import make_environment


def render(template: str, **values: object) -> str:
    environment = make_environment()
    environment.loader = DictLoader({"page": template})
    return environment.get_template("page").render(**values)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ship", "ship"),
        ("<b>&'\"", "&lt;b&gt;&amp;&#39;&#34;"),
        (Markup("<b>bold</b>"), "<b>bold</b>"),
        (7, "7"),
        ("a\x00b\x85<\ufdd0", "a�b�&lt;�"),
        ("two\nlines\tand é", "two\nlines\tand é"),
    ],
)
def test_a_printed_value_is_escaped_unless_it_is_markup(value: object, shown: str) -> None:
    assert render("{{ value }}", value=value) == shown
    assert render("{% macro m(v) %}<i>{{ v }}</i>{% endmacro %}{{ m(value) }}", value=value) == (
        f"<i>{shown}</i>"
    )


def test_a_template_that_prints_none_or_what_is_missing_is_an_error() -> None:
    with pytest.raises(TypeError, match="absence has to be said in words"):
        render("{{ value }}", value=None)
    with pytest.raises(UndefinedError):
        render("{{ value }}")
