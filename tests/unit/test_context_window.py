"""What a window holds of a text, and whether a server read all of a prompt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.context_window import cut_text, least_tokens, was_cut
from panel.domain.exchange import Completion, Request, Usage
from panel.domain.job_outcome import outcome_of
from panel.domain.prompts import brief, intake_request, review_request, text_room
from panel.domain.rate_limit import prompt_tokens
from panel.domain.run import Inputs, Run
from panel.editorial.gates import check_gates
from panel.editorial.publication import publication_of
from tests.factories import a_tool
from tests.panels import SHIP, an_open_run, convene, panel_inputs
from tests.scripted import Scripted
from tests.virtual import a_request

LONG = "Quillbase keeps notes in plain files. It says so in each of its pages! " * 400


def inputs_of(text: str, **fields: object) -> Inputs:
    return panel_inputs(a_tool(description=text), **fields)


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("One. Two. Three.", 12, "One. Two."),
        ("One. Two. Three.", 16, "One. Two. Three."),
        ("It costs 3.50 dollars today", 20, "It costs 3.50"),
        ('He said "no." Then he left it there.', 20, 'He said "no."'),
        ("- one point\n- another point", 20, "- one point"),
        ("一つ。二つ。三つ。", 20, "一つ。二つ。"),
        (
            "Short. And then a very long sentence without any end",
            40,
            "Short. And then a very long sentence",
        ),
        ("x" * 50, 20, "x" * 20),
        ("é" * 50, 21, "é" * 10),
        ("One. Two.", 0, ""),
    ],
)
def test_a_text_is_cut_where_a_sentence_ends(text: str, most: int, shown: str) -> None:
    assert cut_text(text, most) == shown


@given(st.text(max_size=200), st.integers(-5, 300))
def test_a_cut_text_fits_and_is_the_start_of_the_whole(text: str, most: int) -> None:
    shown = cut_text(text, most)
    assert text.startswith(shown)
    assert shown == text or len(shown.encode()) <= max(0, most)


@pytest.mark.parametrize("window", [6_000, 8_192, 12_000])
def test_every_request_of_a_panel_fits_the_window_beside_its_answer(window: int) -> None:
    inputs = inputs_of(LONG, window=window)
    shared = brief(inputs)
    assert shared.cut is not None
    requests = [intake_request(inputs, shared)]
    requests += [
        review_request(inputs, shared, inputs.persona(one.persona), one, 0)
        for one in inputs.assignments
    ]
    largest = max(map(prompt_tokens, requests)) + inputs.calls.max_output_tokens
    assert window * 0.9 < largest <= window
    assert all(shared.cut.notice in request.messages[1].text for request in requests)
    assert shared.shown.endswith((".", "!"))


def test_a_text_that_fits_or_a_window_that_nobody_knows_changes_nothing() -> None:
    plain = brief(inputs_of(LONG))
    assert (plain.cut, text_room(inputs_of(LONG))) == (None, None)
    assert brief(inputs_of(LONG, window=100_000)) == plain


async def reviewed(inputs: Inputs) -> tuple[Run, Scripted]:
    provider = Scripted(lambda _: SHIP)
    return await convene(provider, an_open_run(inputs)), provider


async def test_all_reviewers_read_the_same_part_and_the_run_says_so() -> None:
    run, provider = await reviewed(inputs_of(LONG, window=6_000))
    assert len({request.messages[1].parts[0].text for request in provider.asked}) == 1
    (flag,) = [flag for flag in run.flags if flag.kind == "text_cut"]
    assert "of 5,624 words" in flag.message
    assert "6,000 tokens" in flag.message
    assert not flag.holds


async def test_a_quote_from_beyond_the_cut_is_no_quote() -> None:
    run, _ = await reviewed(inputs_of(f"{LONG} plain-text vault", window=6_000))
    whole = SHIP.replace("plain files", "plain-text vault")
    beyond = await convene(Scripted(lambda _: whole), an_open_run(run.inputs))
    cards = [card for card in beyond.reviews if card.kind == "scorecard"]
    assert any("word for word" in flag.message for card in cards for flag in card.flags)
    outcome = outcome_of(beyond, [], 0)
    assert (outcome.evidence, outcome.verbatim) == (20, 0)
    quoted = {gate.name: gate for gate in check_gates(beyond, publication_of(beyond, ()))}["quoted"]
    assert len(quoted.missing) == 4


@pytest.mark.parametrize(
    ("text", "read", "cut"),
    [
        ("word " * 5_000, 2_050, True),
        ("word " * 5_000, 4_999, True),
        ("word " * 5_000, 6_400, False),
        ("word " * 5_000, 0, False),  # a server that does not count
        ("word " * 1_500, 900, False),  # shorter than any window
        ("界" * 12_000, 2_048, True),
        ("界" * 12_000, 9_000, False),
        ("слово " * 3_000, 2_048, True),
        ("слово " * 3_000, 6_000, False),
    ],
)
def test_a_prompt_is_cut_where_fewer_tokens_than_it_has_words_were_read(
    text: str, read: int, cut: bool
) -> None:
    request = a_request().but(messages=a_request().messages[:1])
    request = with_text(request, text)
    assert was_cut(request, read) is cut


def with_text(request: Request, text: str) -> Request:
    (message,) = request.messages[:1]
    part = message.parts[0].model_copy(update={"text": text})
    return request.but(messages=(message.model_copy(update={"parts": (part,)}),))


def counted(read: dict[str, int]) -> Scripted:
    """Return reviewers whose servers count so many tokens of input by label, else all there are."""

    def answer(request: Request) -> Completion:
        tokens = read.get(request.label, least_tokens(request) * 2)
        return Completion(text=SHIP, model="m", usage=Usage(input=tokens, output=400))

    return Scripted(answer)


async def test_one_cut_prompt_is_flagged_and_four_hold_the_tool() -> None:
    run = an_open_run(inputs_of(LONG))
    one = await convene(counted({"review:skeptic": 2_050}), run)
    (flag,) = [flag for flag in one.flags if flag.kind == "prompt_cut"]
    assert "read fewer tokens than the prompt has (2,050 of at least 5," in flag.message
    assert "for the skeptic" in flag.message
    assert not one.is_held
    labels = [f"review:{persona.key}" for persona in run.inputs.personas]
    every = await convene(counted(dict.fromkeys(labels, 4_096)), run)
    assert every.is_held
    assert every.caveats
    none = await convene(counted({}), run)
    assert not none.flags
