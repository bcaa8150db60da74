"""Every fault of a persona or a prompt is named by its file and key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from panel.domain.prompts import PROMPTS
from panel.errors import ConfigError
from panel.store.persona_files import PersonaSet, load_personas, write_persona
from tests.conftest import CHECKOUT
from tests.factories import a_persona
from tests.panels import TEXTS

ANCHORS = {1: "none", 2: "little", 3: "some", 4: "much", 5: "all"}
CRITERION: dict[str, Any] = {
    "label": "Evidence",
    "question": "Can it be checked?",
    "anchors": ANCHORS,
}
PERSONA: dict[str, Any] = {
    "key": "builder",
    "name": "Builder",
    "short": "Builder",
    "motto": "What can I build?",
    "lens": "You look closely.",
    "excited_by": ["a clear limit"],
    "tired_of": ["a login first"],
    "criteria": {"evidence": CRITERION, "price": CRITERION},
    "ships_when": "you would use it",
    "temperature": 0.5,
}


class Whole(yaml.SafeDumper):
    """YAML that writes what stands twice out twice."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


class House:
    """A folder with personas and prompts, to be spoilt."""

    def __init__(self, folder: Path) -> None:
        self.personas, self.prompts = folder / "personas", folder / "prompts"
        self.personas.mkdir()
        self.prompts.mkdir()
        self.write("builder", PERSONA)
        for name, text in TEXTS.items():
            (self.prompts / f"{name}.md").write_text(text, encoding="utf-8")

    def write(self, name: str, fields: object) -> None:
        text = fields if isinstance(fields, str) else yaml.dump(fields, Dumper=Whole)
        (self.personas / f"{name}.yaml").write_text(text, encoding="utf-8")

    def load(self) -> PersonaSet:
        return load_personas(self.personas, self.prompts)

    def faults(self) -> list[str]:
        """Return the faults, each one line that begins with a file of the house."""
        with pytest.raises(ConfigError) as raised:
            self.load()
        lines = str(raised.value).splitlines()
        for line in lines:
            assert line.startswith((str(self.personas), str(self.prompts)))
        return [
            line.removeprefix(f"{self.personas}/").removeprefix(f"{self.prompts}/")
            for line in lines
        ]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_sound_house_is_loaded_whole(house: House) -> None:
    house.write("auditor", PERSONA | {"key": "auditor"})
    persona_set = house.load()
    assert [persona.key for persona in persona_set.personas] == ["auditor", "builder"]
    assert persona_set.personas[0].excited_by == ("a clear limit",)
    assert persona_set.personas[0].criterion_keys == ("evidence", "price")
    assert persona_set.personas[0].criterion("price").anchors == tuple(ANCHORS.values())
    assert [prompt.name for prompt in persona_set.prompts] == list(PROMPTS)


def test_the_personas_that_come_with_the_product_are_sound() -> None:
    persona_set = load_personas(CHECKOUT / "personas", CHECKOUT / "prompts")
    assert persona_set.personas
    for persona in persona_set.personas:
        assert persona.render()


@pytest.mark.parametrize("fields", [{}, {"model": "openai:x", "temperature": 0.5}])
def test_a_persona_that_is_written_is_read_as_it_was(house: House, fields: dict[str, Any]) -> None:
    persona = a_persona(
        "builder", lens="Line: one.\n# two\n", ships_when="“it” is 5 — or 'no'", **fields
    )
    house.write("builder", write_persona(persona))
    assert house.load().personas == (persona,)


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in PERSONA.items() if name != key}


@pytest.mark.parametrize(
    ("persona", "fault"),
    [
        (PERSONA | {"mood": "sunny"}, "mood: there is no such key"),
        (without("motto"), "motto: it is missing"),
        (PERSONA | {"motto": " "}, "motto: it is empty"),
        (PERSONA | {"motto": 3}, "motto: it is no text; put it in quotes"),
        (PERSONA | {"key": "auditor"}, "key: it is 'auditor', but the file is named 'builder'"),
        (PERSONA | {"key": "../x"}, "key: it is not of the form"),
        (PERSONA | {"short": "A name of many signs"}, "short: it has more than 16 characters"),
        (PERSONA | {"excited_by": []}, "excited_by: it is empty"),
        (PERSONA | {"temperature": 3.0}, "temperature: it is above 2"),
        (PERSONA | {"temperature": float("nan")}, "temperature: it is above 2"),
        (PERSONA | {3: "x"}, "3: its name has to be a text"),
        ([1, 2], "no keys are here"),
        ("", "no keys are here"),
        ("key: builder\nmotto: A\nmotto: B", "this is no YAML (the key 'motto' stands twice"),
        ("key: [", "line 2: this is no YAML (did not find expected node"),
        ("key: builder\nmotto: 2026-99-99", "this is no YAML (month must be in 1..12"),
        ("a: &a [x]\nb: [*a]", "YAML aliases are not taken here; write the value out"),
        ("a: &a [*a]", "YAML aliases are not taken here"),
        ("a: " + "[" * 700 + "]" * 700, "this is no YAML (maximum recursion depth exceeded"),
        ("key: !!bool perhaps", "this is no YAML (a value is none of those"),
        ("a: " + "1:" * 300 + "1.0", "this is no YAML (int too large to convert to float"),
        ("a: \x01", "this is no YAML (unacceptable character"),
    ],
)
def test_a_fault_of_a_persona_is_named(house: House, persona: object, fault: str) -> None:
    house.write("builder", persona)
    (found,) = house.faults()
    assert found.startswith(f"builder.yaml: {fault}")


def with_price(**fields: object) -> dict[str, Any]:
    return {"evidence": CRITERION, "price": CRITERION | fields}


@pytest.mark.parametrize(
    ("criteria", "fault"),
    [
        ({}, ": no criterion is here; a reviewer needs at least one, with its anchors"),
        (None, ": no criterion is here"),
        (["evidence"], ": no criterion is here"),
        ({f"key_{n}": CRITERION for n in range(9)}, ": 9 are here, 1 to 4 are taken"),
        ({"evidence": {"label": "P", "question": "Q?"}}, ".evidence.anchors: no text for step 1"),
        (with_price(anchors={}), ".price.anchors: no text for step 1, 2, 3, 4, 5; every step"),
        (with_price(anchors=["a"] * 5), ".price.anchors: no text for step 1, 2, 3, 4, 5"),
        (with_price(anchors={**ANCHORS, 3: ""}), ".price.anchors: no text for step 3;"),
        (with_price(anchors={**ANCHORS, 6: "x"}), ".price.anchors: '6' is no step; the scale"),
        (with_price(anchors={**ANCHORS, 2: 5}), ".price.anchors.2: it is no text; put it in"),
        (with_price(colour="red"), ".price.colour: there is no such key"),
        (with_price(label=None), ".price.label: it is no text"),
        ({"evidence": CRITERION, "price": "x"}, ".price: label, question and anchors are asked"),
        ({"A b": CRITERION}, ": 'A b' is no key; write it like first_run: a-z, 0-9 and _"),
        ({"1st": CRITERION}, ": '1st' is no key"),
        ({5: CRITERION}, ": '5' is no key"),
        ({"x" * 41: CRITERION}, f": '{'x' * 40}' is no key"),
    ],
)
def test_a_fault_of_a_criterion_is_named(house: House, criteria: object, fault: str) -> None:
    house.write("builder", PERSONA | {"criteria": criteria})
    (found,) = house.faults()
    assert found.startswith(f"builder.yaml: criteria{fault}")


def test_two_personas_may_have_criteria_of_one_key(house: House) -> None:
    other = CRITERION | {"question": "Who says so?"}
    house.write("auditor", PERSONA | {"key": "auditor", "criteria": {"evidence": other}})
    auditor, builder = house.load().personas
    assert auditor.criterion("evidence") != builder.criterion("evidence")


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("rubric", {"criteria": {"evidence": CRITERION}}),
        ("builder", PERSONA | {"weights": {"evidence": 2}}),
        ("builder", {"questions": {"what": "What is it?"}}),
        ("builder", PERSONA | {"signals": []}),
    ],
)
def test_former_files_are_told_in_one_line_with_what_to_do(
    house: House, name: str, fields: object
) -> None:
    house.write(name, fields)
    (fault,) = house.faults()
    assert "of the former format" in fault
    assert "`shipskip personas upgrade`" in fault


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("house", "Today.", "house.md: $date is missing; without it the prompt is not whole"),
        ("house", "$date $tool", "house.md: $tool: no such variable; write $$ for a dollar"),
        ("tool", "$marker $block", "tool.md: $canary is missing"),
        ("intake", "$date", "intake.md: $date: no such variable"),
        ("repair", "$$faults", "repair.md: $faults is missing"),
        ("tool", "", "tool.md: $block is missing"),
    ],
)
def test_a_fault_of_a_prompt_is_named(house: House, name: str, text: str, fault: str) -> None:
    (house.prompts / f"{name}.md").write_text(text)
    assert house.faults()[0].startswith(fault)


def test_a_dollar_sign_is_written_twice(house: House) -> None:
    (house.prompts / "intake.md").write_text("It costs $$9 or $9.")
    (intake,) = [prompt for prompt in house.load().prompts if prompt.name == "intake"]
    assert intake.fill({}) == "It costs $9 or $9."


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: (path.unlink(), path.symlink_to("gone")),
        lambda path: path.write_bytes(b"caf\xe9"),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)
@pytest.mark.parametrize("name", ["personas/builder.yaml", "prompts/tool.md"])
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(
    house: House, spoil: Callable[[Path], object], name: str
) -> None:
    spoil(house.personas.parent / name)
    (fault,) = house.faults()
    assert fault.startswith(f"{Path(name).name}: cannot be read (")
    assert "Errno" not in fault
    assert "codec" not in fault
    assert fault.endswith("`shipskip init DIR` lays out the built-in one")


def test_every_fault_is_told_at_once(house: House) -> None:
    house.write("builder", PERSONA | {"mood": 1, "motto": 3})
    house.write("auditor", PERSONA | {"key": "poet"})
    (house.prompts / "tool.md").unlink()
    assert [fault.partition(": ")[0] for fault in house.faults()] == [
        "auditor.yaml",
        "builder.yaml",
        "builder.yaml",
        "tool.md",
    ]


def test_a_house_without_personas_says_what_to_do(house: House) -> None:
    (house.personas / "builder.yaml").unlink()
    (fault,) = house.faults()
    assert "no persona is here; `shipskip init DIR` lays out the built-in ones" in fault


def test_personas_are_chosen_by_key_in_the_order_that_is_asked_for(house: House) -> None:
    house.write("auditor", PERSONA | {"key": "auditor"})
    persona_set = house.load()
    assert [persona.key for persona in persona_set.choose(["builder", "auditor"])] == [
        "builder",
        "auditor",
    ]
    assert persona_set.choose([]) == persona_set.personas


def test_an_unknown_or_repeated_persona_is_named(house: House) -> None:
    persona_set = house.load()
    with pytest.raises(ConfigError, match=r"there is no persona 'poet'\. The personas are builder"):
        persona_set.choose(["builder", "poet"])
    with pytest.raises(ConfigError, match="a persona is named twice"):
        persona_set.choose(["builder", "builder"])
