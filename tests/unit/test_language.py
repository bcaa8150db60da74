"""English is told from other languages by its letters and function words, however short it is."""

import json

import pytest

from panel.checklist import language
from panel.checklist.prose import read_prose
from panel.checklist.signals import load_signals
from panel.domain.cleaning import clean
from panel.store.tool_files import read_tool
from tests.conftest import CHECKOUT

DATA = CHECKOUT.parent / "shared" / "data"
SIGNALS = load_signals()


def is_english(text: str) -> bool:
    return language.is_english(text, SIGNALS.english, SIGNALS.not_english)


README = """# Quill

[![build](https://ci.example/quill.svg)](https://ci.example/quill) <!-- la la la el der die das -->

Keeps notes in plain files.

```js
const el = la.el(der, die); el.le(un, une); // und so weiter, el el el la la la
```

| der | die | das |
|-----|-----|-----|
| und | ist | ein |

See https://quill.example/der/die/das and `el.la(le, les)` for the rest.
"""


@pytest.mark.parametrize(
    "text",
    [
        "A tool.",
        "Fast. MIT. $9.",
        "Thing.",
        "Quillbase keeps notes.",
        "Café notes app for iPad.",
        "`pip install quillbase`",
        "CLI tool, Rust, MIT licensed, $5/month.",
        "Notes app. Android and iOS. Markdown export. $5 per month. No account, no tracking. Fast "
        "search, tags, backlinks, templates. Sync with your own server. Plug-ins. Dark mode.",
        "The tool is for you and it keeps what you write in the files of your choice. " * 3,
    ],
)
def test_english_is_read(text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$9 !",
        "工具",
        "يكتب ملاحظات الاجتماعات",
        "Пишет заметки о встречах.",
        "会議のメモを書きます。",
        "Quillbase 是一个本地运行的代码搜索工具，完全开源。",
        "Das Werkzeug kostet neun Euro im Monat.",
        "Schnelle Notizen mit KI, 9 Euro pro Monat.",
        "Un outil rapide pour les notes.",
        "Herramienta de notas para equipos, 9 euros al mes.",
        "App per prendere appunti durante le riunioni.",
        "Ferramenta de notas para equipes.",
        "Een snelle app voor notities.",
        "Narzędzie do notatek.",
        "Ett verktyg som skriver anteckningar.",
        "Toplantı notları yazan bir araç.",
        "Alat untuk mencatat rapat dengan cepat.",
        "Nopea muistiinpanosovellus kokouksiin " * 10,
    ],
)
def test_other_languages_and_mere_signs_are_not(text: str) -> None:
    assert not is_english(text)


def test_code_tables_comments_and_addresses_are_no_words_of_a_language() -> None:
    assert is_english(read_prose(README).words)
    assert not is_english(read_prose(README.replace("for the rest", "für den Rest")).words)


def test_every_sample_tool_and_feed_entry_is_read() -> None:
    if not DATA.is_dir():
        pytest.skip("the sample data is not beside this checkout")
    tools = [path for path in (DATA / "tools").glob("*.md") if path.name != "README.md"]
    for path in tools:
        assert is_english(read_prose(clean(read_tool(path).as_shown()).text).words), path.name
    for item in json.loads((DATA / "feeds" / "2026-11-22.json").read_text())["items"]:
        assert is_english(item["content_text"]), item["id"]
