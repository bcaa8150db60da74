"""Every fault of a persona, the rubric or a prompt is named by its file and key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from panel.domain.prompts import PROMPTS
from panel.errors import ConfigError
from panel.store.persona_files import PersonaSet, load_personas
from tests.conftest import CHECKOUT
from tests.panels import TEXTS

PERSONA: dict[str, Any] = {
    "key": "builder",
    "name": "Builder",
    "motto": "What can I build?",
    "lens": "You look closely.",
    "excited_by": ["a clear limit"],
    "tired_of": ["a login first"],
    "questions": {"what": "What is it?", "why": "Why now?", "who": "Who pays?"},
    "weights": {"evidence": 2, "price": 1},
    "ships_when": "you would use it",
    "signals": [{"criterion": "price", "looks_for": ["usd"], "moves": 1, "says": "a price"}],
    "temperature": 0.5,
}
CRITERION = {
    "label": "Evidence",
    "question": "Can it be checked?",
    "anchors": {1: "none", 2: "little", 3: "some", 4: "much", 5: "all"},
}
RUBRIC: dict[str, Any] = {"criteria": {"evidence": CRITERION, "price": CRITERION}}


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
        self.write("rubric", RUBRIC)
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
    assert persona_set.rubric.keys == ("evidence", "price")
    assert persona_set.rubric.criteria[0].anchors == ("none", "little", "some", "much", "all")
    assert [prompt.name for prompt in persona_set.prompts] == list(PROMPTS)


def test_the_personas_that_come_with_the_product_are_sound() -> None:
    persona_set = load_personas(CHECKOUT / "personas", CHECKOUT / "prompts")
    assert len(persona_set.personas) == 4
    assert len(persona_set.rubric.keys) == 7


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in PERSONA.items() if name != key}


@pytest.mark.parametrize(
    ("persona", "fault"),
    [
        (PERSONA | {"weights": {"evidence": 2}}, "weights: no weight for price"),
        (
            PERSONA | {"weights": {"evidence": 2, "price": 1, "looks": 1}},
            "weights: looks is not a criterion of the rubric",
        ),
        (
            PERSONA | {"weights": {"evidence": 0, "price": 0}},
            "weights: all are 0, so nothing would count",
        ),
        (
            PERSONA | {"weights": {"evidence": 11, "price": 0}},
            "weights.evidence: Input should be less than or equal to 10",
        ),
        (PERSONA | {"mood": "sunny"}, "mood: no such key"),
        (without("motto"), "motto: missing"),
        (PERSONA | {"motto": " "}, "motto: String should have at least 1 character"),
        (PERSONA | {"motto": 3}, "motto: Input should be a valid string"),
        (PERSONA | {"key": "auditor"}, "key: it is 'auditor', but the file is named 'builder'"),
        (PERSONA | {"key": "../x"}, "key: String should match pattern"),
        (PERSONA | {"questions": {"a": "b"}}, "questions: Dictionary should have at least 3"),
        (PERSONA | {"temperature": 3.0}, "temperature: Input should be less than or equal to 2"),
        (PERSONA | {"temperature": float("nan")}, "temperature: Input should be"),
        (
            PERSONA | {"signals": [{**PERSONA["signals"][0], "criterion": "looks"}]},
            "signals: looks is not a criterion of the rubric",
        ),
        (
            PERSONA | {"signals": [{**PERSONA["signals"][0], "moves": 9}]},
            "signals.0.moves: Input should be less than or equal to 4",
        ),
        (PERSONA | {3: "x"}, "3: Keys should be strings"),
        ([1, 2], "no keys are here"),
        ("", "no keys are here"),
        ("key: builder\nmotto: A\nmotto: B", "not YAML: the key 'motto' stands twice"),
        ("key: [", "not YAML: while parsing a flow node"),
        ("key: builder\nmotto: 2026-99-99", "not YAML: month must be in 1..12"),
        ("a: &a [x]\nb: [*a]", "YAML aliases are not taken here; write the value out"),
        ("a: &a [*a]", "YAML aliases are not taken here"),
        ("a: " + "[" * 700 + "]" * 700, "not YAML: maximum recursion depth exceeded"),
        ("a: \x01", "not YAML: unacceptable character"),
    ],
)
def test_a_fault_of_a_persona_is_named(house: House, persona: object, fault: str) -> None:
    house.write("builder", persona)
    (found,) = house.faults()
    assert found.startswith(f"builder.yaml: {fault}")


def changed(**fields: object) -> dict[str, Any]:
    return {"criteria": {"evidence": CRITERION, "price": CRITERION | fields}}


@pytest.mark.parametrize(
    ("rubric", "fault"),
    [
        ({"criteria": {"price": {"label": "P", "question": "Q?"}}}, "price.anchors: no text for"),
        (changed(anchors={}), "price.anchors: no text for step 1, 2, 3, 4, 5; every step from 1"),
        (changed(anchors=["a"] * 5), "price.anchors: no text for step 1, 2, 3, 4, 5"),
        (changed(anchors={**CRITERION["anchors"], 3: ""}), "price.anchors: no text for step 3;"),  # type: ignore[dict-item]
        (changed(anchors={**CRITERION["anchors"], 6: "x"}), "price.anchors: 6 is no step; the"),  # type: ignore[dict-item]
        (changed(anchors={**CRITERION["anchors"], 2: 5}), "price.anchors.2: it is no text; put it"),  # type: ignore[dict-item]
        (changed(colour="red"), "price.colour: no such key"),
        (changed(label=None), "price.label: Input should be a valid string"),
        ({"criteria": {"evidence": CRITERION, "price": "x"}}, "price.anchors: no text for step"),
        ({"criteria": {"evidence": CRITERION, "A b": CRITERION}}, "A b.key: String should match"),
    ],
)
def test_a_fault_of_the_rubric_is_named(house: House, rubric: object, fault: str) -> None:
    house.write("rubric", rubric)
    (found,) = house.faults()
    assert found.startswith(f"rubric.yaml: criteria.{fault}")


@pytest.mark.parametrize("rubric", [{}, {"criteria": {}}, {"criteria": ["evidence"]}])
def test_a_rubric_without_criteria_is_named(house: House, rubric: object) -> None:
    house.write("rubric", rubric)
    assert house.faults()[0].startswith("rubric.yaml: ")


def test_an_unknown_key_of_the_rubric_is_named(house: House) -> None:
    house.write("rubric", RUBRIC | {"scale": 10})
    assert house.faults() == ["rubric.yaml: scale: no such key"]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("house", "Today is $date.", "house.md: $rubric is missing; without it the prompt is not"),
        (
            "house",
            "$date $rubric $tool",
            "house.md: $tool: no such variable; write $$ for a dollar",
        ),
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
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"caf\xe9"),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)
@pytest.mark.parametrize("name", ["personas/rubric.yaml", "prompts/tool.md"])
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(
    house: House, spoil: Callable[[Path], object], name: str
) -> None:
    spoil(house.personas.parent / name)
    (fault,) = house.faults()
    assert fault.startswith(f"{Path(name).name}: cannot be read (")
    assert fault.endswith("`shipskip init DIR` lays out the built-in one")


def test_every_fault_is_told_at_once(house: House) -> None:
    house.write("builder", PERSONA | {"mood": 1, "motto": 3})
    house.write("rubric", RUBRIC | {"scale": 10})
    (house.prompts / "tool.md").unlink()
    assert [fault.partition(": ")[0] for fault in house.faults()] == [
        "rubric.yaml",
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
