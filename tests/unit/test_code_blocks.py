"""A line is of a block of code exactly where CommonMark says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.code_blocks import lines_with_code


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("a\n```\nb\n```\nc", "ac"),
        ("a\n   ~~~~ sh\nb\n```\n~~~\nb\n  ~~~~~ \t\nc", "ac"),
        ("a\n```\nb", "a"),
        ("```a``` b\nc", "```a``` bc"),
        ("~~~ a`b`\nb\n~~~\nc", "c"),
        ("```\nb\n``` sh\nb\n```\nc", "c"),
        ("    ```\nc", "    ```c"),
        ("``\nc", "``c"),
    ],
)
def test_lines_between_two_fences_are_code(text: str, prose: str) -> None:
    assert "".join(line for line, is_code in lines_with_code(text) if not is_code) == prose


@given(st.text("`~ a\n", max_size=60))
def test_every_line_is_yielded_and_code_begins_with_a_fence(text: str) -> None:
    lines = list(lines_with_code(text))
    assert "\n".join(line for line, _ in lines) == text
    code = [line.lstrip() for line, is_code in lines if is_code]
    assert not code or code[0].startswith(("```", "~~~"))
