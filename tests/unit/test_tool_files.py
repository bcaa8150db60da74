"""A tool's file is read whole, or refused in one line that says what, why and what to do next."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from panel.domain.tool import Price, Tool
from panel.errors import ToolError
from panel.store.tool_files import MOST_BYTES, parse_tool, read_tool

pytestmark = pytest.mark.no_cover

FRONT = "---\nname: Quillbase\n---\n"
MARKDOWN = """---
name: Quillbase
tagline: Notes in plain files
category: Productivity
vendor: Quill Works
url: https://quillbase.example
entry: paid
licence: MIT
not_stated: [licence]
prices:
  - {label: team, amount: 9, currency: USD, unit: seat and month}
  - {label: site, amount: 12.50, currency: EUR, unit: month}
---

# Quillbase

It keeps notes.
"""
BOMB = "name: &a x\ndescription: &b [*a, *a, *a, *a]\ntagline: [*b, *b, *b, *b]\n"


def written(tmp_path: Path, text: str | bytes, name: str = "tool.md") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path) -> str:
    """Return the refusal of the file: one line that begins with its name and ends with advice."""
    with pytest.raises(ToolError) as raised:
        read_tool(path)
    said = str(raised.value)
    assert said.startswith(f"{path}: ")
    assert len(said.splitlines()) == 1
    assert len(said) < 500 + len(str(path))
    assert re.search(
        r"(Give|Write|Add|Mend|Cut|Save|Name|Begin) [^.]+|The keys are |stands below", said
    )
    return said.removeprefix(f"{path}: ")


def test_markdown_with_front_matter_is_a_tool(tmp_path: Path) -> None:
    assert read_tool(written(tmp_path, MARKDOWN)) == Tool(
        name="Quillbase",
        description="# Quillbase\n\nIt keeps notes.",
        tagline="Notes in plain files",
        category="Productivity",
        vendor="Quill Works",
        url="https://quillbase.example",
        entry="paid",
        licence="MIT",
        not_stated=("licence",),
        prices=(
            Price(label="team", amount=Decimal(9), currency="USD", unit="seat and month"),
            Price(label="site", amount=Decimal("12.5"), currency="EUR", unit="month"),
        ),
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tool.yaml", "name: Quillbase\ndescription: |-\n  It keeps\n  notes.\n"),
        ("tool.YML", "name: Quillbase\ndescription: |-\n  It keeps\n  notes.\n"),
        ("tool.json", '{"name": "Quillbase", "description": "It keeps\\nnotes."}'),
        ("tool.md", FRONT + "It keeps\nnotes.\n"),
        ("tool.md", "\ufeff" + FRONT + "It keeps\nnotes.\n"),
        ("tool.txt", (FRONT + "It keeps\nnotes.\n").replace("\n", "\r\n")),
        ("tool", (FRONT + "It keeps\nnotes.\n").replace("\n", "\r")),
        ("tool.md", "---  \nname: Quillbase\ntagline:\n---\t\n\nIt keeps\nnotes."),
    ],
)
def test_each_form_comes_to_the_same_tool(tmp_path: Path, name: str, text: str) -> None:
    wanted = Tool(name="Quillbase", description="It keeps\nnotes.")
    assert read_tool(written(tmp_path, text, name)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "# Quillbase\n\nIt keeps\nnotes.",
        "\ufeff\r\n# Quillbase #\r\nIt keeps\r\nnotes.",
        "Quillbase\n=========\nIt keeps\nnotes.",
        "# [**Quillbase**](https://quillbase.example/)\nIt keeps\nnotes.",
        "# ![logo](a.png) `Quillbase`\nIt keeps\nnotes.",
        "# ![Quillbase](a.png)\nIt keeps\nnotes.",
        "# [![Quillbase](a.png)](https://quillbase.example/)\nIt keeps\nnotes.",
        '<h1 align="center">Quillbase</h1>\nIt keeps\nnotes.',
        '<h1 align="center">\n  <img src="a.png">\n  Quillbase\n</h1>\nIt keeps\nnotes.',
        '<h1 align="center"><img src="a.png" alt="Quillbase" width="9"></h1>\nIt keeps\nnotes.',
        "<h1><a href='/'><img alt='logo' src=a.png></a> Quillbase</h1>\nIt keeps\nnotes.",
        '# [Quillbase](https://quillbase.example/ "Home") ##\nIt keeps\nnotes.',
        "It keeps\n# Quillbase\nnotes.",
    ],
)
def test_without_front_matter_the_first_heading_is_the_name(text: str) -> None:
    wanted = Tool(name="Quillbase", description="It keeps\nnotes.")
    assert parse_tool(text.encode(), source="README.md") == wanted


def test_signs_that_are_part_of_a_name_stay() -> None:
    assert parse_tool(b"# C# ##\nIt keeps notes.", source="README.md").name == "C#"


@pytest.mark.parametrize(
    "before",
    [
        "```sh\n# install it\n```",
        "~~~~\n```\n# install it\n~~~\n~~~~",
        "```npm i```",
        "<!--\n# Template\n-->",
        "<!-- a -->",
        "```\n<!-- a\n```",
    ],
)
def test_a_remark_in_code_or_in_a_comment_is_no_heading(before: str) -> None:
    text = f"{before}\n# Quillbase\nIt keeps notes."
    tool = parse_tool(text.encode(), source="README.md")
    assert tool == Tool(name="Quillbase", description=f"{before}\nIt keeps notes.")


def test_text_on_standard_input_is_markdown() -> None:
    tool = parse_tool(f"{FRONT}It keeps notes.".encode(), source="standard input")
    assert tool.name == "Quillbase"


def test_a_date_in_a_field_stays_the_text_that_it_was_written_as(tmp_path: Path) -> None:
    text = FRONT.replace("name: Quillbase", "name: 2026-11-22") + "It keeps notes."
    assert read_tool(written(tmp_path, text)).name == "2026-11-22"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty."),
        ("  \n\n", "it is empty."),
        (FRONT, "the description is empty."),
        (FRONT + "  \n", "the description is empty."),
        (b"\x7fELF\x00\x00", "this is a binary file, not a description."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "this is a binary file, not a description."),
        ((FRONT + "Café.").encode("latin-1"), "not UTF-8 (byte 28)."),
        (FRONT + "x" * MOST_BYTES, "more than 200,000 bytes, which is the most"),
        ("It keeps notes.", "no name. Begin it with a heading, `# Name`, or with front"),
        ("```\n# comment\n```\nIt keeps notes.", "no name."),
        ("## Install\nIt keeps notes.", "no name."),
        ("# Quillbase\n", "the description is empty."),
        ("---\nname: Quillbase\nIt keeps notes.", "the front matter does not end."),
        ("---\ntagline: T\n---\nIt keeps notes.", "the name is missing."),
        ("---\nname: '  '\n---\nIt keeps notes.", "the name is missing."),
        ("---\nname: Q\ntagline: a: b\n---\nIt.", "line 3: this is no YAML (mapping values are"),
        ('---\nname: Q\nvendor: "R\ntagline: It.\n---\nIt.', "line 3: this is no YAML (found unex"),
        ("---\nname: Q\n\tvendor: R\n---\nIt.", "line 3: this is no YAML (found a tab"),
        ("---\nname: Q\nname: R\n---\nIt.", "this is no YAML (the key 'name' stands twice"),
        ("---\nname: Q\ncolour: red\n---\nIt.", "unknown key 'colour'. The keys are name, tag"),
        ("---\nname: Q\nevidence: {}\n---\nIt.", "unknown key 'evidence'."),
        ("---\nname: Q\ndescription: D\n---\nIt.", "the description stands below the front"),
        ("---\nname: [Q\n---\nIt.", "line 2: this is no YAML (did not find expected"),
        ("---\njust words\n---\nIt.", "no fields were found."),
        ("---\nname: 3\n---\nIt.", "name: it is no text; put it in quotes."),
        ("---\nname: No\n---\nIt.", "name: it is no text; put it in quotes."),
        ('---\nname: "\\0"\n---\nIt.', "name: it has nothing that can be read. Mend it"),
        ("# \u200b\nIt keeps notes.", "name: it has nothing that can be read. Mend it"),
        ("---\nname: []\n---\nIt.", "name: it is no text; put it in quotes."),
        ("---\nname: " + "Q" * 201 + "\n---\nIt.", "name: it has more than 200 characters."),
        ("---\nname: Q\nentry: cheap\n---\nIt.", "entry: it is none of 'free', 'freemium'"),
        ("---\nname: Q\nprices: 9\n---\nIt.", "prices: it is no list."),
        ("---\nname: Q\nprices: [9]\n---\nIt.", "prices.0: it has no fields."),
        ("---\nname: Q\nprices: [{amount: 9}]\n---\nIt.", "prices.0.label: it is missing."),
        ("---\nname: Q\nnot_stated: [it]\n---\nIt.", "not_stated.0: it is none of 'tagline'"),
        ("---\nname: !!python/object:os.system Q\n---\nIt.", "line 2: this is no YAML (could not"),
        ("---\nname: !!timestamp 2026-99-99\n---\nIt.", "this is no YAML (month must be"),
        ("---\nname: Q\ntagline: " + "9" * 101 + "\n---\nIt.", "this is no YAML (a number has"),
        ("---\nname: Q\ntagline: " + "1:" * 300 + "1.0\n---\nIt.", "this is no YAML (a number"),
        ("---\nname: Q\nprices: [{amount: 0x" + "f" * 5000 + "}]\n---\nIt.", "this is no YAML (a"),
        ("---\nname: Q\nvendor: [" + "1," * 99_000 + "]\n---\nIt.", "more than 5,000 keys and va"),
        ("---\nname: Q\n" + "a: &b 1\n" * 20_000 + "---\nIt.", "more than 5,000 keys and values"),
        ("---\nname: !!bool perhaps\n---\nIt.", "this is no YAML (a value is none of those"),
        ("---\nname: !!int ''\n---\nIt.", "this is no YAML (a value is none of those"),
        ("---\nname: !!timestamp Q\n---\nIt.", "this is no YAML (a value is none of those"),
        ("---\n" + BOMB + "---\nIt.", "YAML aliases are not taken here. Write the value out."),
        ("---\nname: " + "[" * 5000 + "\n---\nIt.", "nested deeper than 20 levels."),
        ("---\nname: Q\n" + "k" * 999 + ": 1\n---\nIt.", "unknown key 'kkk"),
        ('---\n"a\\nb": 1\n---\nIt.', "unknown key 'a\\nb'."),
    ],
)
def test_what_cannot_be_put_before_a_panel_is_refused_in_one_line(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    assert refusal(written(tmp_path, text)).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1: this is no JSON (Expecting property name"),
        ("[]", "no fields were found."),
        ('{"name": "Q", "name": "R"}', "this is no JSON (the key 'name' stands twice"),
        ("[" * 100_000, "nested deeper than 20 levels"),
        (
            '{"name": "Q", "description": "It.", "tagline": ' + "9" * 5000 + "}",
            "this is no JSON (Exceeds",
        ),
        ('{"name": "\\u0000", "description": "It."}', "name: it has nothing that can be read"),
        ('{"name": "\\ud800", "description": "It."}', "name: it holds half a character"),
        ('{"name": "Q", "description": "It.", "vendor": ' + "[" * 300 + "]" * 300 + "}", "vendor:"),
        ('{"name": "Q", "description": ["It."]}', "description: it is no text"),
        ('{"name": "Q", "description": "It.", "url": true}', "url: it is no text"),
    ],
)
def test_json_is_refused_in_one_line_too(tmp_path: Path, text: str, said: str) -> None:
    assert refusal(written(tmp_path, text, "tool.json")).startswith(said)


def test_a_price_may_have_an_upper_end_terms_and_no_currency(tmp_path: Path) -> None:
    price = "{label: a, amount: 1, up_to: 2.5, counted_in: credits, terms: [from, plus VAT]}"
    (found,) = read_tool(written(tmp_path, f"---\nname: Q\nprices: [{price}]\n---\nIt.")).prices
    assert (found.up_to, found.currency, found.counted_in) == (Decimal("2.5"), None, "credits")
    assert found.terms == ("from", "plus VAT")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("nine", "it is no number."),
        ("'1,000'", "it is no number."),
        ("true", "it is no number."),
        ("-1", "it is below 0."),
        (".nan", "it is no number that can be counted with."),
        ("1e-999999", "it has more than 12 decimal places."),
        ("2000000000", "it is above 1000000000."),
    ],
)
def test_an_amount_that_is_none_is_named(tmp_path: Path, amount: str, said: str) -> None:
    price = f"{{label: a, amount: {amount}, currency: USD, unit: month}}"
    path = written(tmp_path, f"---\nname: Q\nprices: [{price}]\n---\nIt.")
    assert refusal(path) == f"prices.0.amount: {said} Mend it and try again."


def test_a_key_of_a_price_that_there_is_not_is_named(tmp_path: Path) -> None:
    price = '{label: a, amount: 1, currency: USD, unit: m, "per\\nuser": 1}'
    path = written(tmp_path, f"---\nname: Q\nprices: [{price}]\n---\nIt.")
    assert refusal(path).startswith(r"prices.0.'per\nuser': there is no such key.")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("..", "tool-5ec1f7"),
        ("CON", "tool-con"),
        ("com1", "tool-com1"),
        ("C:\\Windows", "c-windows"),
        ("a\x00b", None),
    ],
)
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str, slug: str | None) -> None:
    path = written(tmp_path, FRONT.replace("Quillbase", f"'{name}'") + "It keeps notes.")
    if slug is None:
        assert refusal(path).startswith("this is a binary file")
    else:
        assert read_tool(path).slug == slug


def test_a_file_that_is_not_there_or_is_a_folder_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.md").startswith("there is no such file. Name a tool's file")
    assert refusal(tmp_path).startswith("Is a directory. Name a file that can be read.")


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    assert refusal(Path("/dev/zero")).startswith("more than 200,000 bytes")


def test_a_description_of_the_greatest_size_is_read(tmp_path: Path) -> None:
    text = FRONT + "x" * (MOST_BYTES - len(FRONT))
    assert len(read_tool(written(tmp_path, text)).description) == MOST_BYTES - len(FRONT)
