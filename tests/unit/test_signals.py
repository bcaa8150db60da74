"""The signals are data that an editor can read, and their faults are named by file and key."""

from pathlib import Path

import pytest

from panel.checklist.phrases import compile_phrases
from panel.checklist.signals import SIGNALS, load_signals
from panel.checklist.wording import read_wording
from panel.errors import ConfigError
from panel.store.persona_files import load_personas
from tests.conftest import CHECKOUT

TEXT = SIGNALS.read_text(encoding="utf-8")
LOADED = load_signals()
WORDLESS = "signals: [{name: empty, speaks: for, present: has no words}]"
KEYS = {
    key
    for persona in load_personas(CHECKOUT / "personas", CHECKOUT / "prompts").personas
    for key in persona.criterion_keys
}


def test_every_criterion_has_two_signals_for_it_and_one_against_at_least() -> None:
    for key in KEYS:
        speaks = [one.speaks for one in LOADED.signals if key in one.criteria]
        assert speaks.count("for") >= 2, key
        assert speaks.count("against") >= 1, key


def test_every_signal_bears_on_known_criteria_or_rules_a_tool_out() -> None:
    for signal in LOADED.signals:
        assert set(signal.criteria) <= KEYS, signal.name
        assert signal.rules_out is not bool(signal.criteria), signal.name
        assert not (signal.rules_out and signal.speaks == "for"), signal.name


def test_what_may_be_missing_is_what_speaks_for_a_tool_and_each_thing_is_said_once() -> None:
    for signal in LOADED.signals:
        assert (signal.absent is not None) is (signal.speaks == "for"), signal.name
    said = [text for one in LOADED.signals for text in (one.name, one.present, one.absent) if text]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("    present: gives", "    presents: gives", "signals.7.presents: there is no such key"),
        ("speaks: for", "speaks: loudly", "signals.3.speaks: it is none of 'for' or 'against'"),
        (
            "    criteria: [evidence, budget, leverage]\n",
            "    criteria: [Evi dence]\n",
            "signals.7.criteria.0: ",
        ),
        ("present: gives figures", "present: gives 2 figures", "signals.7.present: "),
        ("present: gives figures", "present: gives figures.", "signals.7.present: "),
        ("      export to/as", "      ... export to/as", "has to begin and end with a word"),
        (
            "      export to/as",
            "      open source/in part-time",
            "on either side of a / stands one",
        ),
        ("no_tool:", "no_fool:", "no_fool: there is no such key"),
        ("signals:\n", "signals: [\n", "cannot be read: while parsing"),
        (TEXT, "- a list", "the file: "),
        (TEXT, WORDLESS, "signals.0: it needs `words` or `pair`"),
        (TEXT, "lists: [a list]\nsignals: []", "`lists` is no mapping of names to texts"),
        (TEXT, "lists: {units: [a list]}\nsignals: []", "`lists` is no mapping of names to texts"),
        (TEXT, "signals: 2026-11-22", "cannot be read: Object of type date"),
    ],
)
def test_a_fault_is_named_by_file_and_key(tmp_path: Path, old: str, new: str, fault: str) -> None:
    path = tmp_path / "signals.yaml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_signals(path)
    lines = str(raised.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    assert any(fault in line for line in lines), lines


def test_a_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xff")
    for name in ("none.yaml", "bytes.yaml"):
        with pytest.raises(ConfigError, match=rf"{name}: cannot be read: .*Restore the file\."):
            load_signals(tmp_path / name)


def finds(phrase: str, text: str) -> str | None:
    """Return the words that the phrase finds in a text, by their roots."""
    match = compile_phrases((phrase,)).search(read_wording(text).roots)
    return match[1] if match else None


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("open source", "It is Open-Source.", "open sourc"),
        ("measured on", "We measure it on cats", None),
        ("measured on", "Measuring on cats", "measur on"),
        ("api/cli", "A CLI.", "cli"),
        ("api/cli", "A clip.", None),
        ("trains ... data", "It trains on all of your data.", "train on all of your data"),
        ("trains ... data", "It trains on one two three four five data.", None),
        ("trains ... data", "It trains; the data stays.", None),
        ("trains ... data", "It trains no model on data.", None),
        ("{price} per", "It is $5/month.", "{price} per"),
        ("{price} per", "It is 5 per month.", None),
        ("{number} ms", "It takes 40ms.", "{number} ms"),
        ("{number} of {number}", "Nine of ten.", "{number} of {number}"),
        ("not support", "It doesn't support it, it can’t.", "not support"),
        ("it is", "It's here.", "it is"),
    ],
)
def test_a_phrase_is_found_in_any_form_of_its_words(
    phrase: str, text: str, found: str | None
) -> None:
    assert finds(phrase, text) == found
