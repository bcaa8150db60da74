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

import html5lib
import pytest

from panel.app.panels import BY_HAND
from panel.domain.ballot import Ballot, Decision, Prediction
from panel.domain.comparison import compare
from panel.domain.flag import Flag
from panel.domain.pricing import Month
from panel.domain.run import Run, Spending
from panel.publish.documents import twin_of_run
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

TAGS = frozenset(
    "html head meta title link style script body a svg defs path use line text header div span nav "
    "ul li main p h1 h2 h3 h4 b i bdi dl dt dd small section article table caption thead tbody tr "
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


def parsed(html: str) -> Element:
    root: Element = html5lib.parse(html, namespaceHTMLElements=False)
    for node in root.iter():
        if isinstance(node.tag, str):  # a comment has none
            node.tag = node.tag.rsplit("}", 1)[-1]
    return root


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


def badges(name: str) -> list[str]:
    board = classed(parsed(gallery()[name]), "big")
    return [squeeze(seen(node)) for big in board for node in classed(big, "v")]


# Verdicts


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
    (badge,) = classed(classed(parsed(gallery()["tool-two-two"]), "big")[0], "v")
    assert "split" in (badge.get("class") or "").split()
    assert "A tie, which counts as skip here" in read("tool-two-two")
    assert "Panel ship: 2 of 4" in read("tool-two-two")


def test_below_the_quorum_there_is_no_verdict_and_no_share() -> None:
    text = read("tool-no-quorum")
    assert badges("tool-no-quorum") == ["No verdict"]
    assert "Two of 4 reviewers answered; a verdict needs 3" in text
    assert "%No verdict" not in text
    assert "None of 4 reviewers answered" in read("tool-silent")


def test_a_failed_reviewer_has_a_card_with_the_reason_and_does_not_count_into_the_share() -> None:
    text = read("tool-failed")
    assert "Panel ship: 2 of 3" in text
    assert "One gave no valid review" in text
    assert "No valid review: no readable answer after 2 tries" in text
    assert "67%" in text


def test_filled_is_ship_and_outlined_is_skip_and_a_missing_vote_is_neither() -> None:
    root = parsed(gallery()["tool-failed"])
    (votes,) = classed(root, "votes")
    assert [item.get("class") for item in votes] == ["ship", "none", "ship", "skip"]
    marks = [m for m in root.iter("use") if {"on", "off"} & set((m.get("class") or "").split())]
    hollow = [m for m in marks if "off" in (m.get("class") or "").split()]
    assert len(hollow) == 1


def test_a_lone_dissenter_splits_the_panel() -> None:
    assert read("tool-three-one").count("Splits the panel") == 2
    assert read("tool-one-three").count("Splits the panel") == 2
    for name in ("unanimous", "two-two", "failed", "none-four"):
        assert "Splits the panel" not in read(f"tool-{name}")


def test_only_the_card_that_stands_alone_is_set_apart() -> None:
    runs = [some_runs()[name] for name in ("three-one", "none-four")]
    root = parsed(pages().render_comparison(compare(runs)))
    alone = classed(root, "lone")
    assert [squeeze(seen(card)).split("Skip")[0] for card in alone] == ["Trio"]


def test_the_short_answer_of_a_tool_gives_both_sides() -> None:
    text = read("tool-three-one")
    assert "Ship: builder, futurist and skeptic. Skip: business analyst." in text
    assert "Take Trio when a team owns a server, says the builder." in text
    assert "Leave Trio when nobody on it can keep one running, says the business analyst." in text
    assert "The builder ships for problem fit, 8.0 of 10" in text
    assert (
        "skips for problem fit, 4.0, and would turn if the export turns out to lose links." in text
    )
    assert "Nowhere: its reviewers vote the same way." in read("tool-unanimous")


def test_a_tool_for_nobody_yet_is_left_unless_something_turns_the_surest() -> None:
    nobody = a_ballot("skip", best_for="Nobody yet.", flips_if="an export appears")
    run = a_run(a_tool("Zed"), [a_scorecard(k, ballot=nobody) for k in REVIEWERS])
    text = show(run)
    assert "Leave Zed unless an export appears, says the builder." in text
    assert "obody yet" not in text.partition("What the reviewers were given")[0]
    assert "Leave Zed if" not in text
    beside = squeeze(seen(parsed(pages().render_comparison(compare([run, a_run()])))))
    assert "Leave Zed unless an export appears, says the builder." in beside
    others = [run, a_run(a_tool("Yon"), run.reviews)]
    skipped = squeeze(seen(parsed(pages().render_comparison(compare(others)))))
    assert "Neither, unlessThe panel skips both. Yon an export appears, says" in skipped


def test_a_flawed_review_speaks_only_where_no_other_can_and_the_page_says_so() -> None:
    text = read("tool-faulty")
    assert "One review was kept with faults that checks found" in text
    assert "That of the builder. Each fault stands on its card." in text
    assert "says the business analyst." in text.partition("What the reviewers were given")[0]
    fault = (Flag(kind="ballot", message="too long", holds=False),)
    cards = [a_scorecard(k, flags=fault) for k in REVIEWERS]
    cards[3] = a_scorecard(REVIEWERS[3], ballot=a_ballot("skip"), flags=fault)
    text = show(a_run(reviews=cards))
    assert "Four reviews were kept with faults that checks found" in text
    assert "says the builder, in whose review checks found a fault." in text


# Comparisons


def test_the_page_picks_and_says_why() -> None:
    text = read("compare-two")
    assert "The panel’s pickQuillbase" in text
    assert "Quillbase has the highest ship share, 100% (Solo 25%)." in text
    assert "Take Solo when" in text
    assert "who skips it" in text


def test_level_tools_are_too_close_to_call_and_skipped_ones_are_neither() -> None:
    assert "Too close to call" in read("compare-two-level")
    text = read("compare-two-skipped")
    assert "Neither, unless" in text
    assert "The panel skips both." in text


def test_tools_without_a_verdict_are_not_advised() -> None:
    text = read("compare-two-unsure")
    assert "No verdict" in text
    assert "There are too few reviews for a verdict." in text
    assert "No reviewer gave a valid review." in text
    assert "about level" not in text.partition("Rules")[0]


@pytest.mark.parametrize(("name", "many"), [("two", 2), ("three", 3), ("four", 4), ("five", 5)])
def test_two_to_five_tools_stand_side_by_side_in_one_order(name: str, many: int) -> None:
    root = parsed(gallery()[f"compare-{name}"])
    names = sorted((some_runs()[run].tool for run in GROUPS[name]), key=lambda tool: tool.slug)
    order = [tool.name for tool in names]
    (board,) = classed(root, "board")
    heads = [squeeze(seen(head)) for head in board.iter("h2")]
    assert heads == order
    keys = [column.get("class", "").split()[-1] for column in classed(board, "t")]
    assert keys == ["ka", "kb", "kc", "kd", "ke"][:many]
    for row in classed(root, "pers"):
        assert [squeeze(seen(h)) for card in classed(row, "card") for h in card.iter("h4")] == order


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


def test_each_reviewer_has_a_row_with_its_scores_and_its_votes() -> None:
    low = a_ballot("skip", findings=some_findings(1, 3, 2))
    runs = [a_run(), a_run(a_tool("Zed"), [a_scorecard(k, ballot=low) for k in REVIEWERS])]
    root = parsed(pages().render_comparison(compare(runs)))
    rows = list(classed(root, "ct")[0].iter("tr"))[1:]
    assert len(rows) == len(REVIEWERS)
    for row in rows:
        assert [squeeze(seen(cell)) for cell in row.findall("td")] == ["8.0", "4.0", "ship / skip"]


# What the reviewers were given


def test_a_flag_is_a_banner_that_quotes_at_most_twelve_words() -> None:
    root = parsed(gallery()["tool-injected"])
    (banner,) = classed(root, "flag")
    text = squeeze(seen(banner))
    assert "This description addresses the reviewers" in text
    assert "Held: a person has to look at it before anything is published." in text
    (quote,) = banner.iter("q")
    assert len(seen(quote).split()) <= 12


def test_a_name_that_differs_is_a_banner_and_in_a_comparison_it_names_the_tool() -> None:
    assert "The name and the description disagree" in read("tool-mismatch")
    message = "The title says Onename, the text Twoname 2."
    flag = Flag(kind="name_mismatch", message=message, excerpt="Twoname 2", holds=False)
    assert show(a_run(flags=(flag,))).count("Twoname 2") == 1
    (banner,) = classed(parsed(gallery()["compare-two-level"]), "flag")
    assert "Pushy" in squeeze(seen(banner))


def test_cited_passages_are_marked_once_and_every_citation_leads_to_one() -> None:
    for name, html in gallery().items():
        root = parsed(html)
        ids = [node.get("id") for node in root.iter() if node.get("id")]
        assert len(ids) == len(set(ids)), name
        links = [a.get("href", "") for a in root.iter("a") if a.get("href", "").startswith("#")]
        assert links, name
        assert {link[1:] for link in links} <= set(ids), name


def test_the_description_stands_as_published_around_its_marks() -> None:
    text = "First line\nwrapped here.\n\n- one item\n- notes in plain files\n\n“9 dollars a\u00a0seat”."
    root = parsed(pages().render_tool(a_run(a_tool(description=text))))
    (shown,) = classed(root, "desc")
    for mark in list(shown.iter("mark")):
        for number in mark.findall("sup"):
            mark.text, number.text = (number.tail or ""), ""
            number.tail = ""
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
    assert "Entrynot looked up" in text
    assert "Licencenot stated" in text


def test_facts_that_intake_read_lead_to_their_passage() -> None:
    given = a_tool(licence=None, description="It is under the MIT licence.")
    found = given.model_copy(
        update={"licence": "MIT", "evidence": {"licence": "under the MIT licence"}}
    )
    text = show(a_run(found, inputs=some_inputs(given)))
    assert "Read from the text by intake: licence MIT passage A" in text


# The card


def test_the_take_comes_first_and_every_sentence_says_what_it_rests_on() -> None:
    (card, *_) = classed(parsed(gallery()["tool-unanimous"]), "card")
    text = squeeze(seen(card))
    take = squeeze(seen(classed(card, "take")[0]))
    assert text.index(take) < text.index("Best for") < text.index("Three findings")
    assert re.search(r"It keeps notes in plain files\.\s*passage A\d", take)
    assert re.search(r"= 90 dollars\.\s*passage A\d\s*computed", take)
    assert re.search(r"No backup is mentioned\.\s*not in the text", take)
    assert re.search(r"Such servers need upkeep\.\s*unchecked", take)


def test_a_quote_that_is_not_in_the_text_is_said_to_be_lost() -> None:
    lost = a_ballot(take=(a_sentence("It says so.", "quoted", "nowhere to be found"),))
    text = show(a_run(reviews=[a_scorecard(k, ballot=lost) for k in REVIEWERS]))
    assert "It says so. quote not found in the text" in text.replace("so.quote", "so. quote")


def test_findings_are_folded_under_the_take() -> None:
    (card, *_) = classed(parsed(gallery()["tool-unanimous"]), "card")
    (findings,) = card.iter("details")
    assert findings.get("open") is None
    assert "Problem fit8.0It says so." in squeeze(seen(findings))


def test_a_prediction_has_its_date_and_probability() -> None:
    assert "A hosted plan appears. By 30 June 2027, 60% likely." in read("tool-unanimous")
    vague = a_ballot(prediction=Prediction(claim="Soon", by="next year", probability=0.5))
    assert "Soon. By next year, 50% likely." in show(a_run(reviews=[a_scorecard(ballot=vague)]))


def test_samples_own_maker_and_faults_stand_on_the_card() -> None:
    assert "70%; 2 of 3 runs agree" in read("tool-samples")
    assert "OpenAI made both this reviewer’s model and the tool." in read("tool-own-maker")
    assert "OpenAI made GPT Notes and the model of its builder." in read("tool-own-maker")
    assert "Builder: the take has 12 words" in read("tool-faulty")


# Money


def test_prices_are_listed_and_months_show_their_sum() -> None:
    text = read("tool-per-token")
    assert "Input, per 1M tokens$2.50" in text
    assert "Output, per 1k tokens$0.0004" in text
    month = Month(label="Quiet", input_tokens=2_000_000, output_tokens=1_000_000, seats=1)
    shown = show(some_runs()["per-token"], months=(month,))
    assert (
        "Quiet, one month$5.40 2M tokens in × $2.50 a million + 1M tokens out × $0.40 a million"
        in shown
    )


def test_a_month_of_seats_is_named_by_what_is_counted() -> None:
    assert "10 seats, one month$90 10 seats × $9 a seat" in show(a_run())
    assert "One feature" not in show(a_run())
    both = pages().render_comparison(compare([a_run(), some_runs()["per-token"]]))
    assert "One feature, one month" in both
    assert "10 seats × $9 a seat" in both


def test_prices_of_one_name_and_unit_are_all_listed_the_nth_beside_the_nth() -> None:
    tiers = tuple(a_price("plan", sum_, unit="month", currency="EUR") for sum_ in ("9", "29"))
    text = show(a_run(a_tool(prices=tiers)))
    assert "Plan, per month€9 Plan, per month€29" in text
    other = a_run(a_tool("Zed", prices=(a_price("plan", "12", unit="month"),)))
    html = pages().render_comparison(compare([a_run(a_tool(prices=tiers)), other]))
    both = squeeze(seen(parsed(html)))
    assert "Plan, per month€9$12 Plan, per month€29not stated" in both


def test_a_price_that_nobody_states_is_not_guessed() -> None:
    assert "Pricesnot stated" in read("tool-free")
    assert "No example month can be computed from them, and none is guessed." in read("tool-free")


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
        "nobody here has run the tool. Not yet checked by an editor."
    ) in read("tool-unanimous")
    assert "from the published descriptions; nobody here has run either tool." in read(
        "compare-two"
    )
    assert "nobody here has run any of the tools." in read("compare-three")


def test_a_checklist_page_says_first_that_no_model_was_asked() -> None:
    text = read("tool-checklist")
    assert text.index("No model was asked") < text.index("Ticked")
    assert "written by four AI reviewers" not in text
    mixed = read("compare-two-checklist")
    assert mixed.index("No model was asked") < mixed.index("AI tool comparison")
    assert "This is so for Builder, Skeptic, Futurist and Business analyst on Ticked." in mixed
    assert "No model was asked" not in read("tool-unanimous")


def test_answers_by_hand_name_who_gave_them() -> None:
    text = read("tool-by-hand")
    assert "Answers were collected by hand from big-model-5." in text
    assert (
        "big-model-5, collected by hand (builder, skeptic, futurist and business analyst)" in text
    )
    assert "Costnot counted" in text
    by_hand = some_runs()["by-hand"].model_copy(update={"spending": Spending(cost_usd=Decimal(0))})
    assert "Costnot counted" in show(by_hand)
    assert "Costnothing: no model was asked" in read("tool-checklist")
    assert "Tokensnone: no model was asked" in read("tool-checklist")
    assert "Tokensnot counted" in text


def test_an_abstention_is_nobodys_writing() -> None:
    text = read("tool-failed")
    assert "Reviews written by three AI reviewers from the published description" in text
    assert "Written byopenai: gpt-test (builder, futurist and business analyst)" in text
    assert "No review fromopenai: gpt-test (skeptic)" in text
    assert "No review was written; nobody here has run the tool." in read("tool-silent")
    by_hand = [a_scorecard(k, provider="manual", model=UNNAMED) for k in REVIEWERS[:3]]
    silent = an_abstention(REVIEWERS[3], provider="manual", model="manual")
    text = show(a_run(reviews=[*by_hand, silent]))
    assert "Answers were collected by hand. Not yet" in text
    assert "No review frommanual (business analyst)" in text
    assert UNNAMED == BY_HAND


def test_the_byline_tells_what_models_wrote_from_what_the_checklist_filled_in() -> None:
    assert (
        "Reviews written from the published descriptions of Handmade by four AI reviewers and of "
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
    text, twin = show(run), twin_of_run(run)
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


def test_the_page_leads_to_its_data_and_says_nothing_where_there_is_none() -> None:
    assert 'href="other.json"' in pages().render_tool(a_run(), twin="other.json")
    assert "Read it as data" not in show(a_run(), twin=None)


def test_a_page_of_several_days_names_them() -> None:
    later = a_run(a_tool("Zed"), started=datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    html = pages().render_comparison(compare([a_run(), later]))
    assert "Panel of 22 November 2026 and 1 December 2026." in html


def test_there_is_no_form_and_no_vote() -> None:
    for html in gallery().values():
        assert "<form" not in html
        assert "<button" not in html
    assert "No vote has been held." in read("tool-unanimous")


# Unfinished and unusual runs


def test_a_run_that_was_set_aside_gives_the_reason_and_no_reviews() -> None:
    text = read("tool-set-aside")
    assert badges("tool-set-aside") == ["Set aside"]
    assert "This is news about a company, not a tool." in text
    assert "Reviewer scorecard" not in text
    assert "No review was written" in text


def test_a_run_that_was_set_aside_shows_nothing_that_was_never_made() -> None:
    html = gallery()["tool-set-aside"]
    for left_out in ("Pricing read", "Community", "Panel score", "Marked passages", "#prices"):
        assert left_out not in html
        assert left_out in gallery()["tool-unanimous"]
    assert "Each reviewer has one vote" not in html
    assert "Panel of" not in html
    assert "Marked passages" not in gallery()["tool-stopped"]


def test_categories_stand_side_by_side_and_only_where_every_tool_has_one() -> None:
    def crumb(*categories: str | None) -> list[str]:
        runs = [a_run(a_tool(f"Tool {n}", category=c)) for n, c in enumerate(categories)]
        root = parsed(pages().render_comparison(compare(runs)))
        return [squeeze(seen(item)) for item in classed(root, "crumb")[0].iter("li")]

    assert crumb("Notes", "Music") == ["AI tool comparison", "Notes, Music"]
    assert crumb("Notes", "Notes") == ["AI tool comparison", "Notes"]
    assert crumb("Notes", None) == ["AI tool comparison"]


def test_no_community_vote_is_promised_where_there_is_none() -> None:
    (standfirst,) = classed(parsed(gallery()["compare-two"]), "dek")
    assert "vote" not in squeeze(seen(standfirst))


def test_an_unfinished_run_says_so_and_what_it_waits_for() -> None:
    assert badges("tool-waiting") == ["Not finished"]
    assert "This run waits for answers" in read("tool-waiting")
    assert "No answer yet: its prompt waits" in read("tool-waiting")
    assert "the key was refused" in read("tool-stopped")


def test_names_of_other_scripts_carry_their_own_direction() -> None:
    root = parsed(gallery()["tool-right-to-left"])
    (headline,) = root.iter("h1")
    assert [seen(bdi) for bdi in headline.iter("bdi")] == [RTL_NAME]
    assert classed(root, "desc")[0].get("dir") == "auto"


def test_a_long_headline_is_set_smaller() -> None:
    (headline,) = parsed(gallery()["tool-long-name"]).iter("h1")
    assert headline.get("class") == "long"


def test_a_tool_without_a_tagline_has_a_standfirst_all_the_same() -> None:
    assert "Ship it or skip it?" in read("tool-free")


def test_a_very_long_description_can_be_scrolled_by_keyboard() -> None:
    root = parsed(pages().render_tool(a_run(a_tool(description="word " * 2000))))
    (shown,) = classed(root, "desc")
    assert shown.get("tabindex") == "0"
    assert shown.get("aria-label")


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
                assert re.fullmatch(r"(--c:\d+%|width:[\d.]+%)", value), (name, value)


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
            prediction=Prediction(claim=take(300), by=take(300), probability=0.5),
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
    for html in (pages().render_tool(run), pages().render_comparison(compare([run, other]))):
        html.encode("utf-8")
        root = parsed(html)
        assert_inert(root, "hostile")
        text = squeeze(seen(root))
        (data,) = [node.text or "" for node in root.iter("script")]
        json.loads(data)
    for wanted in (run.tool.name, run.tool.tagline, run.tool.description, run.reviews[0].name):
        assert wanted is not None
        assert shown_form(wanted) in text
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
        twin, text = twin_of_run(run), read(f"tool-{name}")
        verdict = twin["verdict"]
        if verdict["decision"]:
            assert f"{verdict['ship_share']:.0%}" in text
        if verdict["score"] is not None:
            assert f"Panel score{verdict['score']:.1f}of 10" in text
        for review in twin["reviews"]:
            if review["kind"] == "scorecard":
                assert f"{review['score']:.1f} / 10" in text
                assert f"{review['confidence']:.0%}" in text


def test_fonts_are_inside_the_page_or_left_out() -> None:
    assert Pages.load().render_tool(a_run()).count("@font-face") == 2
    assert "@font-face" not in pages().render_tool(a_run())


def test_a_canonical_address_is_named_where_there_is_one() -> None:
    html = pages().render_tool(a_run(reviews=a_panel()), canonical="https://example.org/q/")
    assert '<link rel="canonical" href="https://example.org/q/">' in html
    assert "canonical" not in pages().render_tool(a_run())
