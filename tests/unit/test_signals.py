"""Signals are data: found by their patterns, and their faults are named."""

import pytest

from panel.checklist.sentences import read_sentences
from panel.checklist.signals import lookout, signal_faults
from panel.domain.persona import Persona, Signal
from panel.store.persona_files import load_personas
from tests.conftest import CHECKOUT
from tests.factories import a_persona


def a_watcher(*patterns: str) -> Persona:
    signals = tuple(
        Signal(criterion="evidence", looks_for=(pattern,), moves=1, says=f"a {n}")
        for n, pattern in enumerate(patterns)
    )
    return a_persona(signals=signals)


def found(persona: Persona, text: str) -> list[str]:
    sentences = read_sentences(text)
    sought = lookout(persona).look(sentences)
    assert len(sought.found) + len(sought.lacking) == len(persona.signals)
    return [
        sentences.folded[seen.place :].split("\n")[0] if seen.place is not None else "missing"
        for seen in sought.found
    ]


def test_a_sound_pattern_has_no_fault() -> None:
    assert signal_faults(a_watcher(r"\bAPI\b", "price")) == ()


def test_the_patterns_of_the_personas_have_no_fault() -> None:
    for persona in load_personas(CHECKOUT / "personas", CHECKOUT / "prompts").personas:
        assert persona.signals
        assert signal_faults(persona) == ()


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "(?<=a+)b", "a{99999999999999}"])
def test_an_invalid_pattern_is_named_by_its_place(pattern: str) -> None:
    (fault,) = signal_faults(a_watcher("fine", "fine too", pattern))
    assert fault.startswith(f"signals[2].looks_for: {pattern!r} cannot be read:")


def test_case_does_not_matter_whether_a_pattern_has_capitals_or_not() -> None:
    text = "It has an API and an api. \u0130T HAS A PRICE."
    assert found(a_watcher("api", "API", "[A]pi", "has a price"), text) == [
        "API and an api.",
        "API and an api.",
        "API and an api.",
        "HAS A PRICE.",
    ]


def test_a_pattern_may_ask_for_capitals() -> None:
    assert found(a_watcher(r"(?-i:\bmit\b)"), "It is MIT licensed and has a licence.") == []


def test_an_escape_in_capitals_is_no_capital_letter() -> None:
    assert found(a_watcher(r"\Ait\B"), "Items are what it is for.") == ["Items are what it is for."]


def test_a_pattern_stays_inside_one_sentence() -> None:
    text = "It has a price. The tool is for you and it has a seat."
    assert found(a_watcher("price.*seat", "^the tool"), text) == [
        "The tool is for you and it has a seat."
    ]


def test_a_pattern_that_takes_no_character_says_that_something_is_missing() -> None:
    assert found(a_watcher(r"\A(?![\s\S]*\d)"), "It is a tool without a price.") == ["missing"]
    assert found(a_watcher(r"\A(?![\s\S]*\d)"), "It is a tool for 9 dollars.") == []


def test_the_first_pattern_that_is_found_counts() -> None:
    signal = Signal(criterion="evidence", looks_for=("seat", "price"), moves=1, says="a word")
    persona = a_persona(signals=(signal,))
    assert found(persona, "The price is for a seat.") == ["seat."]
    assert found(persona, "The price is for you.") == ["price is for you."]
