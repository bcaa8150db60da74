"""The checklist fills in a sound ballot by rules, and says no more than stands in the text."""

import re
from datetime import date

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panel.checklist.fact_rules import find_facts
from panel.checklist.filling import LINE, fill_in
from panel.checklist.provider import Checklist
from panel.checklist.sentences import read_sentences
from panel.checklist.signals import Lookout, lookout
from panel.domain.ballot import Ballot, read_ballot
from panel.domain.ballot_checks import check
from panel.domain.cleaning import clean
from panel.domain.exchange import Request
from panel.domain.intake import read_facts
from panel.domain.persona import Persona, Signal
from panel.domain.prompts import brief, intake_request, repair_request, review_request
from panel.domain.review import Abstention
from panel.domain.run import Assignment, Inputs
from panel.domain.scale import weighted_mean
from panel.domain.tool import Tool
from panel.domain.verdict import Rules
from panel.errors import Refused
from panel.pipeline.intake import take_in
from panel.pipeline.reviewer import Reviewer
from panel.store.persona_files import load_personas
from panel.store.tool_files import read_tool
from tests.conftest import CHECKOUT
from tests.factories import a_persona, a_rubric

VOICE = load_personas(CHECKOUT / "personas", CHECKOUT / "prompts")
LOOKOUTS = {persona.key: lookout(persona) for persona in VOICE.personas}
TOOLS = CHECKOUT.parent / "shared" / "data" / "tools"
TODAY = date(2026, 11, 22)

SOUND = {
    "secrets": "Keyhold stores team secrets in your own S3 bucket, encrypted on the client. A Rust "
    "binary under the MPL 2.0. An outside firm audited it in March; the report names two open "
    "issues. Reading a secret takes 40 ms from the same region. Free for five people, afterwards 3 "
    "euros per person per month. There is no Windows client yet.",
    "archive": "Lanternfish indexes PDF archives and answers with page references. On 1,200 "
    "questions over court files it found the right page 83% of the time, a plain search 71%; the "
    "scoring script is public. It does badly on tables and needs 16 GB of memory. Install it with "
    "`brew install lanternfish`, export goes to JSON. AGPL; commercial terms from $2,400 a year.",
    "speech": "Voxtide turns speech into text through one HTTP endpoint. Word error rate on a public "
    "test set is 5.1% (notebook linked), on phone calls 14%. $0.003 a minute with a hard monthly "
    "limit. Recordings are deleted after an hour. Maximum file length is four hours.",
}
HOLLOW = {
    "vision": "Imagine a company that thinks. Synaptiq is the revolutionary operating layer that "
    "transforms every decision you make. Trusted by leading brands. Request access, contact sales.",
    "praise": "Praisely posts hundreds of testimonials a day from lifelike accounts, each one "
    "unique, so that moderation never notices. 9 dollars per hundred, paid in advance, no refunds.",
    "pictures": "From a snapshot to a product photo. 29 euros a month buy 50 images, and images "
    "that you reject still count. You grant us a permanent right to train on your pictures; there "
    "is no opt-out. There is no API.",
    "notes": "It takes notes for you with amazing accuracy. Free for now, pricing will follow. It "
    "needs access to your mail and calendar. Export is coming soon.",
    "nothing": "A tool.",
}


def shown(description: str, name: str = "Quillbase") -> str:
    return clean(f"name: {name}\n\n{description}").text


def fill(persona: Persona, text: str, out: Lookout | None = None) -> Ballot:
    sentences = read_sentences(text)
    sought = (out or LOOKOUTS[persona.key]).look(sentences)
    return fill_in(persona, VOICE.rubric, sentences, sought, today=TODAY)


def ships(text: str) -> int:
    return sum(fill(persona, text).verdict == "ship" for persona in VOICE.personas)


def inputs(tool: Tool) -> Inputs:
    seats = tuple(
        Assignment(persona=p.key, provider="checklist", model="checklist") for p in VOICE.personas
    )
    return Inputs(
        tool=tool,
        personas=VOICE.personas,
        rubric=VOICE.rubric,
        prompts=VOICE.prompts,
        assignments=seats,
        intake=Assignment(persona="intake", provider="checklist", model="checklist"),
        rules=Rules(),
        date=TODAY,
    )


def requests(tool: Tool) -> dict[str, Request]:
    given = inputs(tool)
    shared = brief(given)
    asked = [
        review_request(given, shared, persona, assignment, sample=0)
        for persona, assignment in zip(given.personas, given.assignments, strict=True)
    ]
    return {request.label: request for request in (*asked, intake_request(given, shared))}


# --- what the panel comes to


@pytest.mark.parametrize("description", SOUND.values(), ids=SOUND)
def test_a_text_with_figures_limits_and_a_price_ships(description: str) -> None:
    assert ships(shown(description)) >= 3


@pytest.mark.parametrize("description", HOLLOW.values(), ids=HOLLOW)
def test_a_text_of_praise_or_bad_terms_is_skipped(description: str) -> None:
    assert ships(shown(description)) == 0


def test_the_controls_of_the_sample_tools_hold() -> None:
    expected = yaml.safe_load((TOOLS / "expect.yaml").read_text()) if TOOLS.is_dir() else None
    if expected is None:
        pytest.skip("the sample tools are not beside this checkout")
    for slug, wanted in expected.items():
        if "decision" in wanted:
            text = clean(read_tool(TOOLS / f"{slug}.md").as_shown()).text
            assert (slug, ships(text) > 2) == (slug, wanted["decision"] == "ship")


def test_sample_tools_give_ballots_without_a_fault() -> None:
    if not TOOLS.is_dir():
        pytest.skip("the sample tools are not beside this checkout")
    for path in TOOLS.glob("*.md"):
        if path.name != "README.md":
            text = clean(read_tool(path).as_shown()).text
            for persona in VOICE.personas:
                assert check(fill(persona, text), persona=persona, shown=text, today=TODAY) == ()


def test_a_verdict_follows_the_weighted_score_against_the_line() -> None:
    for description in (*SOUND.values(), *HOLLOW.values()):
        for persona in VOICE.personas:
            ballot = fill(persona, shown(description))
            steps = {key: score.score for key, score in ballot.scores.items()}
            assert (ballot.verdict == "ship") == (weighted_mean(steps, persona.weights) >= LINE)
            assert 0.5 <= ballot.confidence <= 0.7


# --- any text whatever

SNIPPETS = (
    "free for now", "world's first", "$12 per seat a month", "MIT licensed", "There is no API",
    "no refunds", "perpetual licence", "1.4 s (p99 3.9 s)", "trusted by leading brands", "\n\n",
    "does not support X", "价格1000元。", "２０％", "1\u2009000", "×3", "´", "ﬁ", "…", "“", "”", "’s",
    "\x00", "\u202e", "\u200d", "name:", "the", "of", "is", "; ", ". ", "\n", "- ", "1. ", "İ",
)  # fmt: skip
ANY_TEXT = st.one_of(
    st.text(st.characters()),
    st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=6), max_size=50).map("".join),
    st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=6), max_size=50).map(" ".join),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_TEXT, ANY_TEXT)
def test_any_text_gives_a_sound_ballot(name: str, description: str) -> None:
    for text in (description, f"name: {name}\ntagline: {name}\nprice: {name}\n\n{description}"):
        for persona in VOICE.personas:
            ballot = fill(persona, text)
            assert read_ballot(ballot.model_dump_json(), VOICE.rubric) == ballot
            assert check(ballot, persona=persona, shown=text, today=TODAY) == ()
            assert 40 <= ballot.words <= 90
            assert 3 <= len(ballot.take) <= 5
            quoted = [sentence.evidence for sentence in ballot.take]
            quoted += [score.evidence for score in ballot.scores.values()]
            assert all(passage is None or len(passage.split()) <= 25 for passage in quoted)


@pytest.mark.parametrize("unit", ["1", "1,", "a-", "A-", "$1 ", "9% ", "use your train ", "; a"])
def test_a_huge_text_of_one_kind_is_no_trap(unit: str) -> None:
    """Patterns that look back over a long run take minutes here; sound ones take none of note."""
    text = shown("It is a tool. " + unit * (60_000 // len(unit)))
    for persona in VOICE.personas:
        assert fill(persona, text).verdict == "skip"
    assert find_facts(read_sentences(text)).is_tool


PHRASES = st.text(
    st.characters(codec="ascii", categories=["L", "P", "Zs"]), min_size=1, max_size=300
)


@settings(max_examples=60, deadline=None)
@given(PHRASES.filter(str.strip), PHRASES.filter(str.strip), st.integers(-4, 4))
def test_any_wording_of_a_signal_gives_a_sound_ballot(says: str, absent: str, moves: int) -> None:
    rubric = a_rubric()
    signals = tuple(
        Signal(criterion=key, looks_for=(word,), moves=moves, says=says, absent=absent)
        for key, word in zip(rubric.keys, ("price", "seat", "never there"), strict=True)
    )
    persona = a_persona(signals=signals)
    text = shown("The price is 9 dollars a seat and a seat is what a user sits on.")
    sentences = read_sentences(text)
    ballot = fill_in(persona, rubric, sentences, lookout(persona).look(sentences), today=TODAY)
    assert read_ballot(ballot.model_dump_json(), rubric) == ballot
    assert check(ballot, persona=persona, shown=text, today=TODAY) == ()


# --- what it says


def test_every_reason_names_the_signals_in_at_most_twenty_words() -> None:
    ballot = fill(VOICE.choose(["builder"])[0], shown(SOUND["archive"]))
    reason = ballot.scores["price_clarity"].reason
    assert reason.startswith("A price in figures; a unit beside the price")
    assert ballot.scores["price_clarity"].evidence == "commercial terms from $2,400 a year"
    assert all(len(score.reason.split()) <= 20 for score in ballot.scores.values())


def test_the_strongest_signal_of_a_criterion_is_named_and_quoted_first() -> None:
    score = fill(VOICE.choose(["builder"])[0], shown(HOLLOW["praise"])).scores["problem_fit"]
    assert score.score == 1
    assert score.reason.startswith("A purpose that works against people")
    assert (score.evidence or "").startswith("Praisely posts hundreds of testimonials")


def test_a_long_sentence_is_cut_and_no_sentence_is_quoted_twice_in_a_take() -> None:
    long = " ".join(["It costs 9 dollars a seat and it", *["also counts rooms and"] * 20, "doors."])
    ballot = fill(VOICE.choose(["business_analyst"])[0], shown(f"{long} {SOUND['speech']}"))
    evidence = ballot.scores["price_clarity"].evidence or ""
    assert 16 < len(evidence.split()) <= 25
    quoted = [sentence for sentence in ballot.take if sentence.evidence]
    assert len(quoted) > 1
    assert all(len((sentence.evidence or "").split()) <= 16 for sentence in quoted)
    assert sum((sentence.evidence or "") in long for sentence in quoted) == 1


def test_what_is_not_there_is_said_as_absent_and_has_no_evidence() -> None:
    ballot = fill(VOICE.choose(["skeptic"])[0], shown(HOLLOW["nothing"]))
    absent = [sentence for sentence in ballot.take if sentence.basis == "absent"]
    assert "Not one number stands behind its claims." in [sentence.text for sentence in absent]
    assert all(sentence.evidence is None for sentence in absent)


@pytest.mark.parametrize("description", [*SOUND.values(), *HOLLOW.values(), "It keeps notes."])
def test_a_take_says_nothing_twice(description: str) -> None:
    for persona in VOICE.personas:
        said = [sentence.text for sentence in fill(persona, shown(description)).take]
        assert len(set(said)) == len(said)


@pytest.mark.parametrize("description", [*SOUND.values(), *HOLLOW.values(), "It keeps notes."])
def test_only_the_verdict_is_given_as_opinion(description: str) -> None:
    for persona in VOICE.personas:
        ballot = fill(persona, shown(description))
        (judged,) = [sentence for sentence in ballot.take if sentence.basis == "judged"]
        assert judged is ballot.take[-1]
        assert not re.search(r"\d", judged.text)


OPEN_AND_LOCAL = (
    "Quillbase is an MIT-licensed Python package. It keeps its index in a local SQLite store. "
    "`pip install quillbase` is the whole set-up. It is free."
)


def test_nothing_is_missed_that_an_open_local_and_free_tool_has() -> None:
    own = "a way to run it on one's own machines"
    for persona in VOICE.personas:
        ballot = fill(persona, shown(OPEN_AND_LOCAL))
        assert own not in f"{ballot.avoid_if} {ballot.flips_if} {ballot.prediction.claim}"
    text = shown("Quillbase keeps notes. It is free.")
    takes = [s.text for persona in VOICE.personas for s in fill(persona, text).take]
    assert "No cap, trial or free tier limits the first bill." not in takes


def test_own_machines_are_found_in_a_licence_or_in_a_local_store() -> None:
    builder = VOICE.choose(["builder"])[0]
    for text in ("It is MIT licensed.", "It writes to a local SQLite file."):
        found = LOOKOUTS["builder"].look(read_sentences(shown(text))).found
        assert "a way to run it on one's own machines" in [s.signal.says for s in found]
    free_for_now = fill(builder, shown("Quillbase keeps notes. It is free for now."))
    assert "free start" not in free_for_now.scores["price_clarity"].reason


def test_a_verdict_the_other_way_closes_with_other_words() -> None:
    for persona in VOICE.personas:
        closes = {
            fill(persona, shown(text)).take[-1].text for text in (SOUND["speech"], HOLLOW["notes"])
        }
        assert len(closes) == 2


def test_four_personas_write_four_takes_that_share_no_sentence() -> None:
    for description in SOUND.values():
        takes = [fill(persona, shown(description)).take for persona in VOICE.personas]
        sentences = [sentence.text for take in takes for sentence in take]
        assert len(set(sentences)) == len(sentences)


def test_a_take_opens_neither_with_the_nor_with_the_name() -> None:
    signal = Signal(criterion="evidence", looks_for=("ninety",), moves=1, says="the figure")
    for key in ("builder", "skeptic", "futurist", "business_analyst", "a", "b", "c", "d"):
        persona = a_persona(key, signals=(signal,))
        for name in ("It", "One", "There", "What", "On", "Quillbase"):
            text = shown("It has ninety rooms.", name)
            sentences = read_sentences(text)
            sought = lookout(persona).look(sentences)
            take = fill_in(persona, a_rubric(), sentences, sought, today=TODAY).take
            assert take[0].text.split()[0] not in ("The", name)


def test_questions_are_answered_from_the_text_or_said_to_be_open() -> None:
    answers = {
        answer.question: answer.answer
        for persona in VOICE.personas
        for answer in fill(persona, shown(SOUND["archive"])).answers
    }
    assert answers.keys() == {key for persona in VOICE.personas for key in persona.questions}
    assert "$2,400 a year" in " ".join(answers.values())
    assert "The text does not say." in answers.values()


@pytest.mark.parametrize(
    ("question", "description", "answer"),
    [
        ("What is it?", "Quillbase keeps notes.", "In its own words: “Quillbase keeps notes”."),
        ("What is it?", "A \x00 tool.", "The text does not say."),
        ("What is it?", "", "The text does not say."),
        ("Which ordinary rooms are rented?", "It has ninety rooms.", "A room: “It has ninety rooms”."),
        ("Which ordinary rooms are rented?", "It has a door.", "No ordinary rooms are rented."),
        ("Which ordinary kitchens are there?", "It has ninety rooms.", "The text does not say."),
    ],
)  # fmt: skip
def test_a_question_is_answered_by_the_signal_that_shares_its_words(
    question: str, description: str, answer: str
) -> None:
    room = Signal(
        criterion="evidence",
        looks_for=("ninety",),
        moves=1,
        says="a room",
        absent="No ordinary rooms are rented",
    )
    persona = a_persona(questions={"a": question, "b": "Why?", "c": "Who?"}, signals=(room,))
    sentences = read_sentences(f"name: Q\n\n{description}")
    sought = lookout(persona).look(sentences)
    ballot = fill_in(persona, a_rubric(), sentences, sought, today=TODAY)
    assert ballot.answers[0].answer.startswith(answer)


def test_a_missing_thing_is_found_by_a_pattern_that_takes_no_character() -> None:
    silent = Signal(criterion="evidence", looks_for=(r"\A(?!.*\d)",), moves=-1, says="a silence")
    persona = a_persona(signals=(silent,))
    sentences = read_sentences(shown("It is a tool and it has no figure at all."))
    ballot = fill_in(persona, a_rubric(), sentences, lookout(persona).look(sentences), today=TODAY)
    assert (ballot.scores["evidence"].score, ballot.scores["evidence"].evidence) == (1, None)
    assert ballot.scores["evidence"].reason == "A silence."


def test_predictions_are_dated_and_can_go_either_way() -> None:
    everything = a_persona(
        signals=(Signal(criterion="evidence", looks_for=("ninety",), moves=1, says="a figure"),)
    )
    for persona, description, claim in (
        (everything, "It has ninety rooms.", "still shows a figure"),
        (everything, "It has a door.", "shows a figure"),
        (a_persona(), "It has a door.", "still shows a date of this year"),
    ):
        sentences = read_sentences(shown(description))
        sought = lookout(persona).look(sentences)
        found = fill_in(persona, a_rubric(), sentences, sought, today=TODAY).prediction
        assert claim in found.claim
        assert "Quillbase" in found.claim
        assert found.day is not None
        assert 90 <= (found.day - TODAY).days <= 730
        assert 0.1 <= found.probability <= 0.9


@pytest.mark.parametrize(
    ("moves", "description", "clauses"),
    [
        (4, "Ninety.", ("a figure settle it", "more than the maker's word", "takes back a figure")),
        (4, "None.", ("nobody yet", "cannot do without a figure", "a later text has a figure")),
        (-4, "Ninety.", ("nobody yet", "more than you can live with", "drops what counts against")),
    ],
)
def test_best_for_avoid_if_and_flips_if_come_from_what_was_found(
    moves: int, description: str, clauses: tuple[str, str, str]
) -> None:
    signals = tuple(
        Signal(criterion=key, looks_for=("ninety",), moves=moves, says="a figure")
        for key in a_rubric().keys
    )
    persona = a_persona(signals=signals)
    sentences = read_sentences(shown(description))
    ballot = fill_in(persona, a_rubric(), sentences, lookout(persona).look(sentences), today=TODAY)
    for clause, said in zip(
        clauses, (ballot.best_for, ballot.avoid_if, ballot.flips_if), strict=True
    ):
        assert clause in said


def test_an_empty_text_and_a_persona_without_signals_still_give_a_ballot() -> None:
    persona = a_persona(name="CTO", signals=())
    sentences = read_sentences("")
    ballot = fill_in(persona, a_rubric(), sentences, lookout(persona).look(sentences), today=TODAY)
    assert ballot.verdict == "skip"
    assert "CTO" in ballot.take[-1].text
    assert "the tool" in ballot.prediction.claim


# --- as a provider


async def test_it_answers_every_request_of_a_run_with_a_readable_answer() -> None:
    checklist = Checklist(VOICE.personas, VOICE.rubric)
    for label, request in requests(Tool(name="Keyhold", description=SOUND["secrets"])).items():
        completion = await checklist.complete(request)
        assert (completion.model, completion.usage) == ("checklist", None)
        if label == "intake":
            licence = read_facts(completion.text).licence
            assert licence is not None
            assert licence.value == "MPL-2.0"
        else:
            assert read_ballot(completion.text, VOICE.rubric).verdict == "ship"


FOREIGN = {
    "Arabic": "أداة تكتب ملاحظات الاجتماعات وتكلف خمسة دولارات في الشهر.",
    "Chinese": "本地运行的代码搜索工具，完全开源。",
    "German": "Das Werkzeug kostet neun Euro im Monat und läuft auf dem eigenen Rechner.",
}


@pytest.mark.parametrize("description", FOREIGN.values(), ids=FOREIGN)
async def test_a_text_that_it_cannot_read_gets_abstentions_and_no_facts(description: str) -> None:
    given = inputs(Tool(name="Quillbase", description=description))
    checklist, shared = Checklist(VOICE.personas, VOICE.rubric), brief(given)
    for persona, assignment in zip(given.personas, given.assignments, strict=True):
        review = await Reviewer(persona, assignment, given, shared, checklist).review(sample=0)
        assert isinstance(review, Abstention)
        assert review.reason == (
            "the checklist reads English only, and this text is not English. "
            "Ask a model with --model"
        )
    taken = await take_in(given, shared, checklist)
    assert taken.tool == given.tool
    assert [flag.kind for flag in taken.flags] == ["intake_failed"]


async def test_a_repair_request_gets_the_same_answer() -> None:
    checklist = Checklist(VOICE.personas, VOICE.rubric)
    tool = Tool(name="Keyhold", description=SOUND["secrets"])
    request = requests(tool)["review:skeptic"]
    first = await checklist.complete(request)
    again = repair_request(inputs(tool), request, first.text, ["something was wrong"])
    assert (await checklist.complete(again)).text == first.text


async def test_the_date_of_the_prediction_comes_from_the_request() -> None:
    request = requests(Tool(name="Keyhold", description="A tool."))["review:builder"]
    completion = await Checklist(VOICE.personas, VOICE.rubric).complete(request)
    by = read_ballot(completion.text, VOICE.rubric).prediction.day
    assert by is not None
    assert 90 <= (by - TODAY).days <= 730


def changed(request: Request, old: str, new: str) -> Request:
    messages = tuple(
        message.model_copy(
            update={
                "parts": tuple(
                    part.model_copy(update={"text": re.sub(old, new, part.text)})
                    for part in message.parts
                )
            }
        )
        for message in request.messages
    )
    return request.model_copy(update={"messages": messages})


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (r"(?m)^[0-9a-f]{32}$", "no marker", "no description between two marker lines"),
        (r"2026-11-22", "some day", 'no "Today is YYYY-MM-DD"'),
        (r"2026-11-22", "2026-13-45", 'no "Today is YYYY-MM-DD"'),
    ],
)
async def test_a_request_that_it_cannot_read_is_refused_by_name(
    old: str, new: str, named: str
) -> None:
    request = requests(Tool(name="Keyhold", description="A tool."))["review:builder"]
    with pytest.raises(Refused, match=named):
        await Checklist(VOICE.personas, VOICE.rubric).complete(changed(request, old, new))


async def test_an_unknown_label_is_refused_by_name() -> None:
    request = requests(Tool(name="Keyhold", description="A tool."))["review:builder"]
    with pytest.raises(Refused, match="review:plumber"):
        await Checklist(VOICE.personas, VOICE.rubric).complete(
            request.model_copy(update={"label": "review:plumber"})
        )
