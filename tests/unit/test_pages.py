"""What a reader sees on the pages, in every state."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest

from panel.app.panels import BY_HAND
from panel.domain.ballot import Ballot, DatedClaim, Decision
from panel.domain.comparison import compare
from panel.domain.flag import Flag
from panel.domain.monthly_cost import Month, read_pricing
from panel.domain.run import Pending, Release, Run, Spending
from panel.domain.tool import Tool
from panel.publish.documents import run_document
from panel.publish.entry_price import entry_figure
from panel.publish.pages import Pages
from panel.publish.provenance import UNNAMED
from tests.factories import (
    CRITERIA,
    REVIEWERS,
    a_ballot,
    a_criterion,
    a_finding,
    a_panel,
    a_persona,
    a_price,
    a_run,
    a_scorecard,
    a_sentence,
    a_tool,
    an_abstention,
    some_findings,
    some_inputs,
)
from tests.gallery import GROUPS, RTL_NAME, draw_gallery, some_runs
from tests.markup import parsed

pytestmark = pytest.mark.no_cover

TAGS = frozenset(
    "html head meta title link style script body a svg defs path use line rect text header div span "
    "nav ul li main p h1 h2 h3 h4 b i bdi dl dt dd small section article table caption thead tbody tr "
    "th td mark sup details summary footer code q".split()
)
SIDES: tuple[Decision, ...] = ("ship", "ship", "ship", "skip")
PROVIDERS = ("openai", "openai", "openai", "checklist")
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></script><!--<svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "&lt;b&gt; &amp;amp; ' \" `",
    "\u202eevil\u202c \u2028 \x00\x1b[31m",
)


@cache
def pages() -> Pages:
    return Pages.load(fonts=False)


@cache
def gallery() -> dict[str, str]:
    return draw_gallery(pages())


def seen(node: Element) -> str:
    """The text of a node as one line, without what a reader does not see."""
    if node.tag in ("style", "script", "title"):
        return ""
    return "".join([node.text or "", *(seen(child) + (child.tail or "") for child in node)])


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def read(name: str) -> str:
    """What a reader reads on a page of the gallery."""
    return squeeze(seen(parsed(gallery()[name]).find("body")))  # type: ignore[arg-type]


def show(run: Run, **options: Any) -> str:
    return squeeze(seen(parsed(pages().render_tool(run, **options)).find("body")))  # type: ignore[arg-type]


def classed(root: Element, name: str) -> list[Element]:
    return [node for node in root.iter() if name in (node.get("class") or "").split()]


def body(html: str) -> str:
    """What a reader reads of a page."""
    return squeeze(seen(parsed(html).find("body")))  # type: ignore[arg-type]


def compared(*runs: Run) -> str:
    return pages().render_comparison(compare(runs))


def badges(name: str) -> list[str]:
    board = classed(parsed(gallery()[name]), "sh")
    return [squeeze(seen(node)) for cell in board for node in classed(cell, "v")]


def the(root: Element, name: str) -> Element:
    """The only node of a class."""
    (node,) = classed(root, name)
    return node


def advice(root: Element) -> list[str]:
    return [squeeze(seen(node)) for node in classed(root, "tk")]


def divided(root: Element) -> list[str]:
    """What the pick block says of each dissent: those that are spelled out, then the folded ones."""
    return [squeeze(seen(node)) for node in classed(root, "dv")]


# The scoreboard


@pytest.mark.parametrize(
    ("name", "share", "badge", "tally"),
    [
        ("unanimous", "100%", "Ship", "Panel ship: 4 of 4"),
        ("three-one", "75%", "Ship", "Panel ship: 3 of 4"),
        ("two-two", "50%", "Split", "Panel ship: 2 of 4"),
        ("one-three", "25%", "Skip", "Panel ship: 1 of 4"),
        ("none-four", "0%", "Skip", "Panel ship: 0 of 4"),
    ],
)
def test_the_scoreboard_shows_share_badge_and_count(
    name: str, share: str, badge: str, tally: str
) -> None:
    assert badges(f"tool-{name}") == [badge]
    assert f"{share}{badge}{tally}" in read(f"tool-{name}")


def test_a_tie_is_labelled_split_in_no_tools_colour_and_says_what_it_counts_as() -> None:
    (badge,) = classed(the(parsed(gallery()["tool-two-two"]), "sh"), "v")
    assert "split" in (badge.get("class") or "").split()
    assert "A tie, which counts as skip here" in read("tool-two-two")


def test_below_the_quorum_there_is_no_verdict_and_no_share() -> None:
    text = read("tool-no-quorum")
    assert badges("tool-no-quorum") == ["No verdict"]
    assert "Two of 4 reviewers answered; a verdict needs 3" in text
    assert "—No verdict" in text
    assert "None of 4 reviewers answered" in read("tool-silent")


def test_a_failed_reviewer_has_a_card_with_the_reason_and_does_not_count_into_the_share() -> None:
    text = read("tool-failed")
    assert "67%ShipPanel ship: 2 of 3One gave no valid review" in text
    assert "No valid review: no readable answer after 2 tries" in text


def test_filled_is_ship_and_outlined_is_skip_and_a_missing_vote_is_neither() -> None:
    root = parsed(gallery()["tool-failed"])
    items = list(the(root, "bl").iter("li"))
    assert [item.get("class") for item in items] == ["ship", "none", "ship", "skip"]
    assert [squeeze(seen(item)) for item in items][1] == "Skeptic absent"
    pips = list(the(root, "pips"))
    fills = [next((use.get("class") for use in pip.iter("use")), None) for pip in pips[:-1]]
    assert fills == ["on", None, "on", "off"]
    assert pips[1].get("class") == "nop"
    assert squeeze(seen(pips[-1])) == "2 of 3 ship it"


@pytest.mark.parametrize(
    ("tool", "figure"),
    [
        ({}, "$9 per seat and month"),
        ({"entry": "freemium"}, "free, then $9 per seat and month"),
        ({"entry": "free"}, "free"),
        ({"prices": (), "entry": "contact"}, "on request"),
        ({"prices": (), "entry": None}, "not looked up"),
        ({"prices": (a_price("a", "30"), a_price("b", "12"))}, "from $12 per seat and month"),
        (
            {"prices": (a_price("a", "30", unit="user and year"), a_price("b", "12"))},
            "$30 per user and year",
        ),
        ({"prices": (a_price("a", "9", terms=("from",)),)}, "from $9 per seat and month"),
        ({"prices": (a_price("a", "9", up_to=Decimal(12)),)}, "$9 to $12 per seat and month"),
        (
            {"prices": (a_price("a", "2", currency=None, counted_in="credits", unit="page"),)},
            "2 credits per page",
        ),
        (
            {"prices": (a_price("api", "2", unit="1k calls"), a_price("plan", "5", unit="month"))},
            "$5 per month",
        ),
        (
            {
                "prices": tuple(
                    a_price(n, s, unit="1M tokens") for n, s in (("in", "2"), ("out", "8"))
                )
            },
            "$2 in / $8 out per 1M tokens",
        ),
    ],
)
def test_the_entry_price_is_in_figures(tool: dict[str, Any], figure: str) -> None:
    root = parsed(pages().render_tool(a_run(a_tool(**tool))))
    assert squeeze(seen(the(root, "pr"))) == figure


def test_prices_of_other_units_are_not_measured_against_each_other() -> None:
    assert "$2.50 per 1M tokens in / $0.0004 per 1k tokens out" in read("tool-per-token")


# The pick


def test_the_page_picks_and_the_pick_comes_first() -> None:
    zed = a_run(a_tool("Zed"))
    root = parsed(compared(some_runs()["one-three"], zed))
    assert squeeze(seen(the(root, "tagk"))) == "The pick"
    first, second = advice(root)
    assert first == (
        "Take Zed4 of 4 ship it Notes in plain fileswhen a team owns a server. builder"
    )
    assert second.startswith("Or Solo1 of 4 ships it")
    assert second.endswith("skeptic")
    marks = [classed(node, "mk")[0].get("class") for node in classed(root, "tk")]
    assert marks == ["mk kb", "mk ka"]  # the mark stays that of the tool's place
    assert classed(root, "tk")[0].get("class") == "tk first kb"


def test_who_speaks_leads_to_its_take() -> None:
    root = parsed(gallery()["compare-two"])
    ids = {node.get("id"): node for node in root.iter() if node.get("id")}
    for said in classed(root, "say"):
        assert squeeze(seen(ids[(said.get("href") or "")[1:]])).startswith("It keeps notes")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("two-level", "Too close to call: Pushy and Quillbase have the same ship share"),
        ("two-skipped", "Neither: the panel skips both."),
        ("two-unsure", "Too few reviewers answered on any of the tools."),
        ("two-checklist", "A checklist and a panel of models are not compared."),
    ],
)
def test_no_pick_stands_with_its_reason(name: str, reason: str) -> None:
    root = parsed(gallery()[f"compare-{name}"])
    assert squeeze(seen(the(root, "kick"))).startswith(f"No pick{reason}")
    assert "first" not in (classed(root, "tk")[0].get("class") or "").split()
    assert read(f"compare-{name}").count("No pick") == 1


def test_who_takes_a_skipped_tool_is_said_to_skip_it() -> None:
    first, second = advice(parsed(gallery()["compare-two-skipped"]))
    assert first.endswith("builder, who skips it")
    assert second.endswith("skeptic")


def test_tools_without_a_verdict_are_not_advised() -> None:
    assert advice(parsed(gallery()["compare-two-unsure"])) == [
        "Hush1 of 2 ships it There are too few reviews for a verdict.",
        "Mute No reviewer gave a valid review.",
    ]
    for name in ("no-quorum", "silent", "stopped", "set-aside"):
        assert advice(parsed(gallery()[f"tool-{name}"])) == []
    assert read("tool-no-quorum").count("Too few reviewers answered.") == 1


def test_the_pick_of_a_tool_gives_both_sides() -> None:
    root = parsed(gallery()["tool-three-one"])
    assert squeeze(seen(the(root, "kick"))) == (
        "The verdictShip3 of 4 ship itBuilder, futurist and skeptic ship; business analyst skips."
    )
    assert advice(root) == [
        "Take it when a team owns a server. builder",
        "Leave it when nobody on it can keep one running. analyst",
    ]


def test_a_tool_for_nobody_yet_is_left_unless_something_turns_the_surest() -> None:
    nobody = a_ballot("skip", best_for="Nobody yet.", flips_if="an export appears.")
    run = a_run(a_tool("Zed"), [a_scorecard(k, ballot=nobody) for k in REVIEWERS])
    alone = parsed(pages().render_tool(run))
    assert advice(alone) == ["Leave it unless an export appears. builder"]
    for html in (compared(run, a_run()), compared(run, a_run(a_tool("Yon"), run.reviews))):
        said = [line for line in advice(parsed(html)) if "Zed" in line]
        assert len(said) == 1
        assert said[0].startswith("Leave Zed0 of 4 ship it")
        assert said[0].endswith("unless an export appears. builder")


def test_a_flawed_review_speaks_only_where_no_other_can_and_the_page_says_so() -> None:
    text = read("tool-faulty")
    assert "One review was kept with faults that checks found" in text
    assert "That of the builder. Each fault stands on its card." in text
    assert [line.rpartition(" ")[2] for line in advice(parsed(gallery()["tool-faulty"]))] == [
        "analyst",
        "analyst",
    ]
    fault = (Flag(kind="ballot", message="too long", holds=False),)
    cards = [a_scorecard(k, flags=fault) for k in REVIEWERS]
    cards[3] = a_scorecard(REVIEWERS[3], ballot=a_ballot("skip"), flags=fault)
    root = parsed(pages().render_tool(a_run(reviews=cards)))
    assert "Four reviews were kept with faults that checks found" in squeeze(seen(root))
    assert advice(root)[0].endswith("builder, in whose review checks found a fault")


# Where the panel divides


def test_the_minority_is_named_with_its_decisive_criterion_and_what_would_turn_it() -> None:
    ladder = ("no trace", "a trace", "some", "much", "all of it")
    personas = tuple(
        a_persona(k, criteria=tuple(a_criterion(c, anchors=ladder) for c in CRITERIA))
        for k in REVIEWERS
    )
    lone = a_ballot("skip", findings=some_findings(3, 2, 2), flips_if="an audit is shown.")
    cards = [*a_panel()[:3], a_scorecard(REVIEWERS[3], ballot=lone)]
    run = a_run(inputs=some_inputs(personas=personas), reviews=cards)
    assert divided(parsed(pages().render_tool(run))) == [
        "Analyst skips it2 of 5 on evidenceA trace. Turns if an audit is shown."
    ]
    high = a_ballot("ship", findings=some_findings(3, 4, 5), flips_if="it leaks")
    cards = [a_scorecard(REVIEWERS[0], ballot=high), *a_panel("skip skip skip skip")[1:]]
    run = a_run(inputs=some_inputs(personas=personas), reviews=cards)
    assert divided(parsed(pages().render_tool(run))) == [
        "Builder ships it5 of 5 on price clarityAll of it. Turns if it leaks."
    ]


def test_at_two_against_two_those_who_skip_are_the_ones_who_divide() -> None:
    said = divided(parsed(gallery()["tool-two-two"]))
    assert [line.partition(" it")[0] for line in said] == ["Analyst skips", "Skeptic skips"]


def test_a_panel_that_votes_alike_does_not_divide_and_an_unknown_one_is_not_said_to() -> None:
    assert "The panel does not divideThe reviewers vote alike." in read("tool-unanimous")
    assert "On each tool the reviewers vote alike." in read("compare-two-level")
    for name in (
        "tool-waiting",
        "tool-silent",
        "tool-two-two",
        "compare-two-unsure",
        "compare-two",
    ):
        assert "does not divide" not in read(name)
    one = a_run(a_tool("Zed"), a_panel("ship none none none"))
    assert "does not divide" not in body(compared(one, a_run()))


@pytest.mark.parametrize(
    ("votes", "spelled", "folded"),
    [
        (["ship ship ship skip", "ship ship skip skip"], 3, 0),
        (["ship ship skip skip", "ship ship skip skip"], 2, 2),
        (["ship ship ship ship", "ship ship ship skip", "ship ship skip skip"], 1, 1),
        (["ship ship skip skip"] * 3, 0, 3),  # no pick
        (["ship ship ship ship", *["ship ship ship skip"] * 3], 1, 2),
        (["ship ship ship ship", *["ship ship ship skip"] * 4], 0, 4),
    ],
)
def test_dissents_are_spelled_out_or_folded_by_the_number_of_tools(
    votes: list[str], spelled: int, folded: int
) -> None:
    runs = [a_run(a_tool(f"Tool {n}"), a_panel(vote)) for n, vote in enumerate(votes)]
    rows = classed(the(parsed(compared(*runs)), "div"), "dv")
    assert sum(row.tag == "div" for row in rows) == spelled
    assert sum(row.tag == "details" for row in rows) == folded
    for row in rows:
        assert "Turns if the export turns out to lose links." in squeeze(seen(row))


def test_the_surest_dissent_is_spelled_out_and_one_with_a_fault_is_not() -> None:
    sure = a_ballot("skip", confidence=0.9)
    fault = (Flag(kind="ballot", message="too long", holds=False),)

    def said(**flags: Any) -> str:
        skips = [a_scorecard("futurist", ballot=sure, **flags), a_scorecard(REVIEWERS[3], "skip")]
        runs = [a_run(a_tool(f"Tool {n}"), [*a_panel()[:2], *skips]) for n in range(2)]
        return divided(parsed(compared(*runs)))[0]

    assert said().startswith("Futurist skips")
    assert said(flags=fault).startswith("Analyst skips")


def test_only_the_card_that_stands_alone_against_three_says_so() -> None:
    runs = [some_runs()[name] for name in ("three-one", "none-four")]
    root = parsed(compared(*runs))
    alone = [card for card in classed(root, "card") if "1 against 3" in seen(card)]
    assert [squeeze(seen(card)).split("skip")[0] for card in alone] == ["Trio"]
    assert read("tool-one-three").count("1 against 3") == 1
    for name in ("unanimous", "two-two", "failed", "none-four"):
        assert "1 against" not in read(f"tool-{name}")


def a_worded_run(name: str, votes: str) -> Run:
    """Return a run in which no two reviewers use the same words."""
    cards = []
    for key, vote in zip(REVIEWERS, votes.split(), strict=True):
        own = f"{name} {key}"
        ballot = a_ballot(
            vote,  # type: ignore[arg-type]
            best_for=f"best {own}",
            avoid_if=f"avoid {own}",
            flips_if=f"flips {own}",
        )
        cards.append(a_scorecard(key, ballot=ballot))
    return a_run(a_tool(name), cards)


@pytest.mark.parametrize(
    "votes", ["ship ship ship ship", "ship ship ship skip", "ship ship skip skip"]
)
def test_nothing_is_said_twice_and_what_the_pick_quotes_is_linked_in_the_fold(votes: str) -> None:
    runs = [a_worded_run("Ada", votes), a_worded_run("Zed", "ship skip skip skip")]
    for html, many in ((compared(*runs), 2), (pages().render_tool(runs[0]), 1)):
        root, text = parsed(html), body(html)
        for run in runs[:many]:
            for key in REVIEWERS:
                for field in ("best", "avoid", "flips"):
                    assert text.count(f"{field} {run.tool.name} {key}") == 1
        ids = {node.get("id"): squeeze(seen(node)) for node in root.iter() if node.get("id")}
        for row in [row for fold in classed(root, "mg") for row in fold.iter("dl")]:
            for entry in row.findall("div"):
                links = list(entry.iter("a"))
                if links:
                    field = squeeze(seen(entry))
                    field = field.replace("in the pick", "").split()[0].lower()
                    assert f"{field} " in ids[(links[0].get("href") or "")[1:]]
        assert text.count("in the pick") >= 2


# Comparisons


@pytest.mark.parametrize(("name", "many"), [("two", 2), ("three", 3), ("four", 4), ("five", 5)])
def test_two_to_five_tools_stand_side_by_side_in_one_order(name: str, many: int) -> None:
    root = parsed(gallery()[f"compare-{name}"])
    names = sorted((some_runs()[run].tool for run in GROUPS[name]), key=lambda tool: tool.slug)
    order = [tool.name for tool in names]
    board = the(root, "board")
    assert [squeeze(seen(head)) for head in classed(board, "tn")] == order
    rows = [row.get("class") for row in board.iter("tr") if row.get("class")]
    assert rows == ["ka", "kb", "kc", "kd", "ke"][:many]
    assert len(classed(root, "pers")) == len(REVIEWERS)
    for row in classed(root, "pers"):
        assert [squeeze(seen(h)) for card in classed(row, "card") for h in card.iter("h4")] == order
    heads = [squeeze(seen(head)) for head in next(the(root, "pt").iter("tr")).iter("th")]
    assert heads == ["Kind", *order]
    assert [squeeze(seen(h)) for h in the(root, "cols").iter("h3")] == order


def test_every_mark_has_a_shape_of_its_own() -> None:
    root = parsed(gallery()["compare-five"])
    shapes = {
        p.get("id"): p.get("d") for p in root.iter("path") if p.get("id", "").startswith("mk-")
    }
    assert len(shapes) == len(set(shapes.values())) == 5


def test_panels_of_other_personas_are_told_apart() -> None:
    text = read("compare-two-panels")
    assert "Not on this tool’s panel." in text
    for name in ("Lawyer", "Teacher", "Futurist"):
        assert name in text


# Reviewer by reviewer


def test_each_reviewer_has_its_cards_then_its_own_criteria_then_the_rest_in_one_fold() -> None:
    root = parsed(gallery()["compare-two"])
    for part in classed(root, "pers"):
        assert [(node.get("class") or "").split()[0] for node in part] == [
            "who",
            "cards",
            "crits",
            "more",
        ]
        folds = list(part.iter("details"))
        assert len(folds) == len(CRITERIA) + 1
        assert all(fold.get("open") is None for fold in folds)


def test_a_criterion_is_a_fold_with_its_steps_and_a_drawing_of_five_slots() -> None:
    low = a_ballot("skip", findings=some_findings(1, 3, 2))
    runs = [a_run(), a_run(a_tool("Zed"), [a_scorecard(k, ballot=low) for k in REVIEWERS])]
    root = parsed(compared(*runs))
    fit = classed(root, "crit")[0]
    summary, inside = list(fit)
    assert squeeze(seen(summary)) == "Problem fit Quillbase: 4 Zed: 1 of 5"
    assert squeeze(seen(inside)) == "What about its problem fit? It says so.1 It says so.1"
    drawing = the(summary, "c")
    slots = [line.get("x1") for line in classed(drawing, "g") if line.get("x1") == line.get("x2")]
    assert len(slots) == len(set(slots)) == 5
    drawn = [(use.get("class"), use.get("x")) for use in drawing.iter("use")]
    assert drawn == [("ka on", slots[3]), ("kb off", slots[0])]
    bar = the(drawing, "bar")
    assert (bar.get("x1"), bar.get("x2")) == (slots[0], slots[3])
    same = a_run(a_tool("Zed"))
    level = the(classed(parsed(compared(a_run(), same)), "crit")[0], "c")
    assert not classed(level, "bar")
    shifts = {use.get("transform") for use in level.iter("use")}
    assert shifts == {"translate(-7.0)", "translate(7.0)"}


def test_the_take_comes_first_and_every_sentence_says_what_it_rests_on() -> None:
    root = parsed(gallery()["tool-unanimous"])
    take = squeeze(seen(classed(root, "take")[0]))
    assert take == (
        "It keeps notes in plain files.quoted 2 Ten seats cost 10 x 9 = 90 dollars.sum 3 "
        "No backup is mentioned.not said Such servers need upkeep.unchecked"
    )
    part = squeeze(seen(classed(root, "pers")[0]))
    assert part.index(take) < part.index("Problem fit") < part.index("Best for")
    opinion = a_ballot(take=(a_sentence("I like it."),))
    text = show(a_run(reviews=[a_scorecard(k, ballot=opinion) for k in REVIEWERS]))
    assert "I like it. Problem fit" in text


def test_a_quote_that_is_not_in_the_text_is_said_to_be_lost() -> None:
    lost = a_ballot(take=(a_sentence("It says so.", "quoted", "nowhere to be found"),))
    text = show(a_run(reviews=[a_scorecard(k, ballot=lost) for k in REVIEWERS]))
    assert "It says so.quote not found in the text" in text


def test_a_prediction_has_its_date_and_probability() -> None:
    assert "A hosted plan appears. By 30 June 2027: 60% likely." in read("tool-unanimous")
    vague = a_ballot(prediction=DatedClaim(claim="Soon", by="next year", probability=0.5))
    assert "Soon. By next year: 50% likely." in show(a_run(reviews=[a_scorecard(ballot=vague)]))


def test_samples_own_maker_and_faults_stand_on_the_card() -> None:
    assert "70%; 2 of 3 runs agree" in read("tool-samples")
    assert "OpenAI made both this reviewer’s model and the tool." in read("tool-own-maker")
    assert "OpenAI made GPT Notes and the model of its builder." in read("tool-own-maker")
    assert "Builder: the take has 12 words" in read("tool-faulty")


# What the reviewers were given


def test_a_flag_is_a_banner_that_quotes_at_most_twelve_words() -> None:
    root = parsed(gallery()["tool-injected"])
    banner = the(root, "flag")
    text = squeeze(seen(banner))
    assert "This description addresses the reviewers" in text
    assert "Held: a person has to look at it before anything is published." in text
    (quote,) = banner.iter("q")
    assert len(seen(quote).split()) <= 12


@pytest.mark.parametrize(("without", "them"), [(("Vote.",), "it"), (("Vote.", "Ship."), "them")])
def test_a_verdict_without_passages_is_compared_only_where_there_was_one_on_the_same_facts(
    without: tuple[str, ...], them: str
) -> None:
    release = Release(
        reason="Orders.",
        at=datetime(2026, 11, 23, tzinfo=UTC),
        run="x-1",
        stands=False,
        without=without,
    )
    run = a_run(reviews=a_panel("ship ship ship ship"), release=release)
    said = show(run)
    assert f"There is no verdict on the same facts with {them} to compare this one with." in said
    before = release.model_copy(update={"before": run.verdict})
    said = show(run.model_copy(update={"release": before}))
    assert f"The verdict was ship with {them}, and did not move without {them}." in said


def test_a_name_that_differs_is_a_banner_and_in_a_comparison_it_names_the_tool() -> None:
    assert "The name and the description disagree" in read("tool-mismatch")
    message = "The title says Onename, the text Twoname 2."
    flag = Flag(kind="name_mismatch", message=message, excerpt="Twoname 2", holds=False)
    assert show(a_run(flags=(flag,))).count("Twoname 2") == 1
    assert "Pushy" in squeeze(seen(the(parsed(gallery()["compare-two-level"]), "flag")))


def assert_links_hold(root: Element, name: str) -> None:
    """Fail on an id that stands twice and on a link within the page that leads nowhere."""
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids)), name
    links = [a.get("href", "") for a in root.iter("a") if a.get("href", "").startswith("#")]
    assert links, name
    assert {link[1:] for link in links} <= set(ids), name


def test_every_link_leads_to_an_id_that_stands_once() -> None:
    for name, html in gallery().items():
        assert_links_hold(parsed(html), name)


def test_the_texts_are_folded_and_passages_and_citations_lead_to_each_other() -> None:
    for name in ("tool-unanimous", "compare-two", "compare-four"):
        root = parsed(gallery()[name])
        given = the(root, "given")
        assert (given.tag, given.get("open")) == ("details", None)
        ids = {node.get("id"): node for node in root.iter() if node.get("id")}
        cited = [
            (node.get("id"), (link.get("href") or "")[1:])
            for key, node in ids.items()
            for link in classed(node, "ev")
            if re.match(r"[a-e]-", key or "")
        ]
        assert cited
        assert {ids[passage].tag for _, passage in cited} == {"mark"}
        back = {(link.get("href") or "")[1:] for one in classed(root, "ck") for link in one}
        assert back == {where for where, _ in cited}


def test_the_letters_after_a_passage_name_who_cites_it() -> None:
    root = parsed(gallery()["tool-unanimous"])
    letters = [squeeze(seen(one)) for one in classed(the(root, "desc"), "ck")]
    assert letters == ["B", "S", "F", "A"] * 2


def test_the_description_stands_as_published_around_its_marks() -> None:
    text = "First line\nwrapped here.\n\n- one item\n- notes in plain files\n\n“9 dollars a\u00a0seat”."
    root = parsed(pages().render_tool(a_run(a_tool(description=text))))
    shown = the(root, "desc")
    for node in shown.iter():
        if node.tag == "sup":  # numbers and letters are ours
            node.text = ""
            for link in node:
                link.text = ""
    assert squeeze(seen(shown)) == squeeze(text)
    assert seen(shown).split("\n")[0].startswith("First line wrapped here.")
    assert "\n- notes" in seen(shown)


def test_what_the_text_does_not_say_is_told_apart_from_what_nobody_looked_for() -> None:
    text = show(
        a_run(a_tool(entry=None, licence=None, not_stated=("licence",), open_points=("limits",)))
    )
    assert "Not stated: licence, limits." in text
    twice = a_tool(licence=None, not_stated=("licence",), open_points=("licence", "limits"))
    assert "Not stated: licence, limits." in show(a_run(twice))
    assert "Licencenot stated" in text
    assert "Licencenot looked up" in show(a_run(a_tool(licence=None)))


def test_facts_that_intake_read_lead_to_their_passage() -> None:
    given = a_tool(licence=None, description="It is under the MIT licence.")
    found = given.model_copy(
        update={"licence": "MIT", "evidence": {"licence": "under the MIT licence"}}
    )
    root = parsed(pages().render_tool(a_run(found, inputs=some_inputs(given))))
    (line,) = [node for node in classed(root, "miss") if "Read from" in seen(node)]
    assert squeeze(seen(line)) == "Read from the text by intake: licence MIT 2."
    (link,) = line.iter("a")
    assert link.get("href") == "#a2"


# Money


def show_whole(tool: Tool) -> str:
    return pages().render_tool(a_run(tool))


def price_rows(html: str) -> dict[str, list[str]]:
    """The pricing read: the cells of each row by its title."""
    rows = list(the(parsed(html), "pt").iter("tr"))[1:]
    return {
        squeeze(seen(row.find("th"))): [squeeze(seen(cell)) for cell in row.iter("td")]  # type: ignore[arg-type]
        for row in rows
    }


def test_prices_are_read_by_kind_and_months_show_their_sum() -> None:
    month = Month(label="Quiet", input_tokens=2_000_000, output_tokens=1_000_000, seats=1)
    rows = price_rows(pages().render_tool(some_runs()["per-token"], months=(month,)))
    assert rows == {
        "Usage": ["input: $2.50 per 1M tokens; output: $0.0004 per 1k tokens"],
        "Licence": ["MIT, open"],
        "Quiet, one month": [
            "$5.40 2M tokens in × $2.50 a million + 1M tokens out × $0.40 a million"
        ],
    }
    text = read("tool-per-token")
    assert "No price by seat, by month or year or to pay once is stated." in text


def test_kinds_stand_side_by_side_and_say_what_a_tool_does_not_state() -> None:
    prices = (
        a_price("cloud", "5", unit="month"),
        a_price("box", "200", unit="one-time purchase"),
    )
    other = a_run(a_tool("Zed", entry="freemium", prices=prices))
    rows = price_rows(compared(a_run(), other))
    assert rows["Free tier"] == ["none stated", "Free to start"]
    assert rows["Seats"] == ["team: $9 per seat and month", "none stated"]
    assert rows["Subscription"] == ["none stated", "cloud: $5 per month"]
    assert rows["One-off"] == ["none stated", "box: $200 per one-time purchase"]


def test_a_month_of_seats_is_named_by_what_is_counted() -> None:
    assert "10 seats, one month$90 10 seats × $9 a seat" in show(a_run())
    assert "One feature" not in show(a_run())
    both = body(compared(a_run(), some_runs()["per-token"]))
    assert "One feature, one month" in both
    assert "10 seats × $9 a seat" in both


def test_prices_of_one_name_and_unit_are_all_listed_and_many_are_folded() -> None:
    sums = ("9", "29", "49", "99", "199")
    tiers = tuple(a_price("plan", each, unit="month", currency="EUR") for each in sums)
    text = show(a_run(a_tool(prices=tiers)))
    assert "plan: €9 per month; plan: €29 per month; plan: €49 per month2 more" in text
    assert "plan: €199 per month" in text


def test_a_price_has_its_range_and_its_terms() -> None:
    prices = (
        a_price("team", "12", terms=("from", "minimum 5 seats", "plus VAT")),
        a_price("page", "2", up_to=Decimal(3), unit="100 pages"),
        a_price("call", "2", currency=None, counted_in="credits", unit="call"),
        a_price("add-on", "5", currency=None, unit=None),
        a_price("trial", "0", unit="month", terms=("first month",)),
    )
    rows = price_rows(show_whole(a_tool(prices=prices)))
    assert rows["Free tier"] == ["trial: free (first month)"]
    assert rows["Seats"] == ["team: from $12 per seat and month (minimum 5 seats; plus VAT)"]
    assert rows["Usage"] == [
        "page: $2 to $3 per 100 pages; call: 2 credits per call; "
        "add-on: 5 (currency not stated) (unit not stated)"
    ]
    assert rows["5 seats, one month"] == ["at least $60 5 seats × $12 a seat"]
    assert rows["Left out of these sums"] == ["page, call, add-on and tax"]


def test_a_range_that_begins_at_nothing_is_no_free_tier() -> None:
    tool = a_tool(prices=(a_price("plan", "0", up_to=Decimal(80), unit="month"),))
    rows = price_rows(show_whole(tool))
    assert "Free tier" not in rows
    assert rows["Subscription"] == ["plan: $0 to $80 per month"]
    assert entry_figure(tool) == "$0 to $80 per month"
    seats = a_tool(prices=(a_price("team", "0", up_to=Decimal(80)),))
    assert read_pricing(seats).uncomputed == "not computed: a range of prices"


@pytest.mark.parametrize(
    ("licence", "shown"),
    [
        ("MIT", "MIT, open"),
        ("AGPLv3", "AGPL-3.0, open"),
        ("MIT (code); CC BY-NC 4.0 (weights)",
         "CC-BY-NC-4.0 (weights), source-available; MIT (code), open"),
        ("KESTREL RESEARCH LICENSE", "KESTREL RESEARCH LICENSE, not classified"),
        ("proprietary", "proprietary"),
    ],
)  # fmt: skip
def test_licences_stand_by_their_names_and_say_how_open_they_are(licence: str, shown: str) -> None:
    assert price_rows(show_whole(a_tool(licence=licence)))["Licence"] == [shown]


def test_what_sums_leave_out_is_said_beside_what_leaves_nothing_out() -> None:
    setup = (a_price(), a_price("setup", "50", unit="once"))
    seats = tuple(a_price(name) for name in ("a", "b"))
    every = compare(
        [a_run(a_tool(prices=setup)), a_run(a_tool("Zed")), a_run(a_tool("Y", prices=seats))]
    )
    rows = price_rows(pages().render_comparison(every))
    assert sorted(rows["Left out of these sums"]) == ["no sum", "nothing that is stated", "setup"]
    assert "Left out of these sums" not in price_rows(show_whole(a_tool()))


def test_a_month_that_is_not_computed_says_why() -> None:
    seats = tuple(a_price(name) for name in ("a", "b", "c"))
    rows = price_rows(show_whole(a_tool(prices=seats)))
    assert rows["An example month"] == ["not computed: three seat prices"]
    both = price_rows(compared(a_run(a_tool(prices=seats)), a_run(a_tool("Zed"))))
    assert both["10 seats, one month"][0] == "not computed: three seat prices"
    unread = a_run(a_tool("Zed", prices=(), not_read=("prices",)))
    assert price_rows(compared(a_run(), unread))["10 seats, one month"][1] == "not read"


def test_prices_that_were_not_read_are_told_from_those_that_are_not_stated() -> None:
    unread = a_tool("Zed", entry=None, prices=(), not_read=("prices", "entry"))
    assert "Prices not read: none could be told to be the tool’s own." in show(a_run(unread))
    beside = body(compared(a_run(), a_run(unread)))
    assert "Zed: prices not read" in beside
    assert "Prices not looked up." in show(a_run(a_tool(prices=())))
    assert "No price is stated." in show(a_run(a_tool(prices=(), not_stated=("prices",))))


def test_a_price_that_nobody_states_is_not_guessed() -> None:
    assert "No price is stated." in read("tool-free")
    assert "one month" not in read("tool-free")
    unread = a_run(a_tool(prices=()))
    assert "No price is stated." not in show(unread)
    assert (
        price_rows(compared(a_run(), a_run(a_tool("Zed", prices=()))))["Seats"][1]
        == "not looked up"
    )


def test_other_currencies_keep_their_code() -> None:
    run = a_run(
        a_tool(
            prices=(a_price("pro", "1234.5", currency="CHF"), a_price("eu", "7", currency="EUR"))
        )
    )
    text = show(run)
    assert "1,234.50 CHF" in text
    assert "€7" in text


# Who wrote it


def test_the_byline_says_that_reviewers_are_ai_and_nobody_ran_the_tools() -> None:
    assert (
        "Reviews written by four AI reviewers from the published description; "
        "nobody here has run the tool."
    ) in read("tool-unanimous")
    assert "EditorNot yet checked by an editor." in read("tool-unanimous")
    assert "from the published descriptions; nobody here has run either tool." in read(
        "compare-two"
    )
    assert "nobody here has run any of the tools." in read("compare-three")


def test_answers_by_hand_name_who_gave_them() -> None:
    text = read("tool-by-hand")
    assert "Answers were given by hand by big-model-5." in text
    assert (
        "big-model-5, collected by hand (builder, skeptic, futurist and business analyst)" in text
    )
    assert "Costnot counted" in text
    by_hand = some_runs()["by-hand"].model_copy(update={"spending": Spending(cost_usd=Decimal(0))})
    assert "Costnot counted" in show(by_hand)
    assert "Costnothing: no model was asked" in read("tool-checklist")
    assert "Tokensnone: no model was asked" in read("tool-checklist")
    assert "Tokensnot counted" in text


def test_a_checklist_page_says_before_the_verdict_that_no_model_was_asked() -> None:
    text = read("tool-checklist")
    assert "SignalsVotes" in text
    assert "Score of 10" not in text
    assert "Score of 10" in read("compare-two-checklist")
    assert text.index("No model was asked") < text.index("SignalsChecklist: 1 signal for")
    pick = squeeze(seen(the(parsed(gallery()["tool-checklist"]), "pick")))
    assert not re.search(r"(Take|Leave) it|ships? it|The verdict|Turns if|vote alike", pick)
    mixed_pick = squeeze(seen(the(parsed(gallery()["compare-two-checklist"]), "pick")))
    assert not re.search(r"(Take|Or|Leave) ?Ticked", mixed_pick)
    assert "0 against, 1 absent. A checklist recommends nothing." in mixed_pick
    assert "written by four AI reviewers" not in text
    mixed = read("compare-two-checklist")
    assert mixed.index("No model was asked") < mixed.index("No pick")
    assert "This is so for Builder, Skeptic, Futurist and Business analyst on Ticked." in mixed
    assert "No model was asked" not in read("tool-unanimous")


def test_an_abstention_is_nobodys_writing() -> None:
    text = read("tool-failed")
    assert "Reviews written by three AI reviewers from the published description" in text
    assert (
        "Written byopenai: gpt-test (builder, futurist and business analyst); "
        "no review from skeptic (openai: gpt-test)"
    ) in text
    assert "No review was written; nobody here has run the tool." in read("tool-silent")
    by_hand = [a_scorecard(k, provider="manual", model=UNNAMED) for k in REVIEWERS[:3]]
    silent = an_abstention(REVIEWERS[3], provider="manual", model="manual")
    text = show(a_run(reviews=[*by_hand, silent]))
    assert "Answers were given by hand. How" in text
    assert "no review from business analyst (manual" in text
    assert UNNAMED == BY_HAND


def test_a_page_of_several_days_names_them() -> None:
    later = a_run(a_tool("Zed"), started=datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    assert "Panel of 22 November 2026 and 1 December 2026" in body(compared(a_run(), later))


def test_the_byline_tells_what_models_wrote_from_what_the_checklist_filled_in() -> None:
    assert (
        "Reviews written from the published descriptions of Handmade by four reviewers and of "
        "Ticked by the built-in checklist as four personas; nobody here has run either tool."
    ) in read("compare-two-checklist")
    assert "No pickA checklist and a panel of models are not compared." in read(
        "compare-two-checklist"
    )
    cards = [a_scorecard(k, provider=p) for k, p in zip(REVIEWERS, PROVIDERS, strict=True)]
    assert (
        "Reviews written from the published description by three AI reviewers and the built-in "
        "checklist as one persona; nobody here has run the tool."
    ) in show(a_run(reviews=cards))


def test_the_footer_has_run_date_cost_hashes_and_rules() -> None:
    run = a_run()
    text, twin = show(run), run_document(run)
    for wanted in (
        run.id,
        "22 November 2026",
        "$0.10 for 4 calls",
        "9,000 in, 1,200 out",
        f"sha256 {twin['description_sha256'][:16]}",
        f"sha256 {twin['prompts_sha256']['house'][:16]}",
        "A tie counts as skip. Fewer than 3 valid reviews: no verdict.",
        "Edits: none. Corrections: none.",
    ):
        assert wanted in text
    unpriced = Spending(calls=4, unpriced=("new-model",))
    assert "not known: no price for new-model" in show(a_run(spending=unpriced))
    cheap = Spending(calls=1, cost_usd=Decimal("0.00051"))
    assert "$0.0005 for 1 call" in show(a_run(spending=cheap))
    cheaper = Spending(calls=1, cost_usd=Decimal("0.00004"))
    assert "$0.00004 for 1 call" in show(a_run(spending=cheaper))


def test_the_page_leads_to_its_data_and_says_nothing_where_there_is_none() -> None:
    assert 'href="other.json"' in pages().render_tool(a_run(), data_path="other.json")
    assert "This page as data" in show(a_run())
    assert "as data" not in show(a_run(), data_path=None)


# Unfinished and unusual runs


def test_a_run_that_was_set_aside_says_why_once_and_has_no_reviews() -> None:
    text = read("tool-set-aside")
    assert badges("tool-set-aside") == ["Set aside"]
    assert text.count("This is news about a company, not a tool.") == 1
    assert "No review was written" in text
    assert "What was handed in" in text


def test_a_run_that_was_set_aside_shows_nothing_that_was_never_made() -> None:
    html = gallery()["tool-set-aside"]
    for left_out in ("Pricing read", "Reviewer by reviewer", "lead back", "#prices", "Their votes"):
        assert left_out not in html
        assert left_out in gallery()["tool-unanimous"]
    assert "Each reviewer has one vote" not in html
    assert "Panel of" not in html


def test_nothing_can_be_voted_and_no_vote_is_promised() -> None:
    for name, html in gallery().items():
        assert "<form" not in html
        assert "<button" not in html
        assert "no votes yet" not in html.lower()
        heads = [seen(cell) for cell in the(parsed(html), "board").iter("th")]
        assert "Readers’ votes, not open" in heads, name


def test_an_unfinished_run_says_so_and_what_it_waits_for_and_advises_nothing() -> None:
    root, text = parsed(gallery()["tool-waiting"]), read("tool-waiting")
    assert badges("tool-waiting") == ["Not finished"]
    assert "This run waits for answers" in text
    assert "No answer yet: it is given by hand" in text
    assert advice(root) == []
    assert "does not divide" not in text
    assert read("tool-stopped").count("the key was refused") == 1


def test_what_a_run_waits_for_is_told_to_readers_and_not_to_whoever_runs_it() -> None:
    reason = "the cost cap is reached; raise --max-cost, says `shipskip review`"
    run = a_run(
        reviews=a_panel("ship ship ship"),
        verdict=None,
        state="stopped",
        pending=(Pending(reviewer=REVIEWERS[3], reason=reason, cause="cap"),),
    )
    text = show(run)
    assert "No answer yet: the cost cap is reached" in text
    for page in (text, *map(read, gallery())):
        assert "--" not in page
        assert "shipskip" not in page


def test_names_of_other_scripts_carry_their_own_direction() -> None:
    root = parsed(gallery()["tool-right-to-left"])
    (headline,) = root.iter("h1")
    assert [seen(bdi) for bdi in headline.iter("bdi")] == [RTL_NAME]
    assert classed(root, "desc")[0].get("dir") == "auto"


def test_a_long_headline_is_set_smaller() -> None:
    (headline,) = parsed(gallery()["tool-long-name"]).iter("h1")
    assert headline.get("class") == "long"


# Safety and form


def test_no_page_has_script_or_asks_for_anything_outside() -> None:
    for name, html in gallery().items():
        root = parsed(html)
        assert_inert(root, name)
        assert not re.search(r"url\((?!data:)|@import", html), name


def assert_inert(root: Element, name: str) -> None:
    """Fail on anything that could run or fetch."""
    for node in root.iter():
        if not isinstance(node.tag, str):
            pytest.fail(f"a comment in {name}")
        tag = node.tag
        assert tag in TAGS, (name, tag)
        if tag == "script":
            assert node.get("type") == "application/ld+json", name
        for key, value in node.attrib.items():
            assert not key.lower().startswith("on"), (name, key)
            assert key not in ("src", "srcdoc", "action", "formaction", "background"), (name, key)
            if key == "href" and tag == "a":
                assert urlsplit(value).scheme in ("", "http", "https"), (name, value)
            if key == "style":
                assert re.fullmatch(r"width:[\d.]+%", value), (name, value)


def test_links_are_plain_web_links_that_pass_nothing_on() -> None:
    root = parsed(pages().render_tool(a_run(a_tool(url="https://quill.example/a?b=c"))))
    (link,) = [a for a in root.iter("a") if a.get("href", "").startswith("http")]
    assert link.get("rel") == "nofollow noopener"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//quill.example",
        "https://user@quill.example/",
        "https://quill.example/ x",
        "https://",
        "ftp://quill.example/",
        "https://quill.example:99999/",
        "https://a..b/",
        "https://quill.example/%zz",
        'https://quill.example/"onclick=',
    ],
)
def test_any_other_address_is_text(url: str) -> None:
    html = pages().render_tool(a_run(a_tool(url=url)))
    assert not [
        a for a in parsed(html).iter("a") if not a.get("href", "#").startswith(("#", "index"))
    ]
    assert squeeze(url) in squeeze(seen(parsed(html)))


def a_hostile_run(texts: list[str]) -> tuple[Run, list[str]]:
    """Return a run with a text in every field that others write, and the texts it shows."""
    pieces = cycle(texts)
    used: list[str] = []

    def take(limit: int) -> str:
        piece = next(pieces)[:limit].strip() or "x"
        used.append(piece)
        return piece

    def ballot() -> Ballot:
        return a_ballot(
            findings=tuple(
                a_finding(key, 3, finding=take(300), evidence=take(300)) for key in CRITERIA
            ),
            take=tuple(a_sentence(take(300), "known", "plain files") for _ in range(3)),
            best_for=take(300),
            avoid_if=take(300),
            flips_if=take(300),
            prediction=DatedClaim(claim=take(300), by=take(300), probability=0.5),
        )

    tool = a_tool(
        take(200),
        description=take(4000),
        tagline=take(300),
        category=take(300),
        vendor=take(300),
        url=take(300),
        licence=take(300),
        prices=(a_price(take(300), unit=take(300), evidence=take(300)),),
        open_points=(take(300), take(300)),
    )
    personas = tuple(
        a_persona(
            key,
            name=take(100),
            motto=take(300),
            criteria=tuple(a_criterion(one, label=take(99)) for one in CRITERIA),
        )
        for key in REVIEWERS
    )
    reviews = [
        a_scorecard(k, ballot=ballot(), name=take(100), model=take(100)) for k in REVIEWERS[:3]
    ]
    reviews.append(an_abstention(REVIEWERS[3], name=take(100), reason=take(300)))  # type: ignore[arg-type]
    run = a_run(
        inputs=some_inputs(tool, personas=personas),
        reviews=reviews,
        flags=(Flag(kind="addresses_reviewers", message=take(300), excerpt="x", holds=True),),
        reason=take(300),
        versions={"a": take(100)},
    )
    return run, used


def shown_form(text: str) -> str:
    """A text as a page shows it: forbidden characters as a sign, white space as one space."""
    forbidden = "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]"
    return squeeze(re.sub(forbidden, "\ufffd", text))


def assert_hostile_text_stays_text(texts: list[str]) -> None:
    run, used = a_hostile_run(texts)
    other = a_run(a_tool("Other"))
    for html in (compared(run, other), pages().render_tool(run)):
        html.encode("utf-8")
        root = parsed(html)
        assert_inert(root, "hostile")
        assert_links_hold(root, "hostile")
        (data,) = [node.text or "" for node in root.iter("script")]
        json.loads(data)
        text = squeeze(seen(root))
        for wanted in (run.tool.name, run.tool.tagline, run.tool.description):
            assert wanted is not None
            assert shown_form(wanted) in text
    assert shown_form(run.reviews[0].name) in text  # a comparison has the name of its first tool
    assert used


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_stays_text(text: str) -> None:
    assert_hostile_text_stays_text([text])


@pytest.mark.parametrize("turn", range(3))
def test_the_corpus_of_hostile_markup_has_no_effect(turn: int, shared_data: Path) -> None:
    lines = (shared_data / "corpora" / "xss.jsonl").read_text(encoding="utf-8").split("\n")
    payloads = [json.loads(line)["payload"] for line in lines if line]
    payloads = [text.encode("utf-8", "replace").decode() for text in payloads]
    assert len(payloads) > 700
    step = 60
    for start in range(turn * 7, len(payloads), step):
        # Each turn puts a payload into another field.
        assert_hostile_text_stays_text(list(islice(cycle(payloads), start, start + step)))


def test_the_same_run_gives_the_same_bytes() -> None:
    first, second = draw_gallery(Pages.load(fonts=False)), draw_gallery(Pages.load(fonts=False))
    assert first == second == gallery()


def test_the_order_of_tools_does_not_matter() -> None:
    runs = [some_runs()[name] for name in GROUPS["three"]]
    drawn = {pages().render_comparison(compare(order)) for order in (runs, runs[::-1])}
    assert len(drawn) == 1


def test_the_numbers_on_a_page_are_those_of_its_twin() -> None:
    for name, run in some_runs().items():
        twin, text = run_document(run), read(f"tool-{name}")
        verdict = twin["verdict"]
        if run.is_checklist:
            assert not re.search(r"\d of 10", text)
            assert twin["signals"]["line"].casefold() in text.casefold()
            continue
        if verdict["decision"]:
            assert f"{verdict['ship_share']:.0%}" in text
        if verdict["score"] is not None:
            assert f" {verdict['score']:.1f} " in text.partition("Reviewer by reviewer")[0]
        for review in twin["reviews"]:
            if review["kind"] == "scorecard":
                assert f"{review['score']:.1f} of 10" in text
                assert f"{review['confidence']:.0%}" in text


def test_fonts_are_inside_the_page_or_left_out() -> None:
    assert Pages.load().render_tool(a_run()).count("@font-face") == 2
    assert "@font-face" not in pages().render_tool(a_run())


def test_a_canonical_address_is_named_where_there_is_one() -> None:
    html = pages().render_tool(a_run(reviews=a_panel()), canonical="https://example.org/q/")
    assert '<link rel="canonical" href="https://example.org/q/">' in html
    assert "canonical" not in pages().render_tool(a_run())
