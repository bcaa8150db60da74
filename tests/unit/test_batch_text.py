# ruff: noqa: E501 - the report is shown as it is printed
"""A batch's report as an editor reads it in the morning: exact texts, safe names, a next step."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.batch_report import BatchReport, FeedLine, Standing, Stop
from panel.domain.drift import Drift, DriftCheck
from panel.domain.job import Outcome
from panel.publish.batch_markdown import batch_markdown
from panel.publish.batch_next_steps import Options
from panel.publish.batch_summary import duration, summarise_batch
from panel.publish.batch_text import batch_text
from panel.publish.cells import cells
from tests.batches import a_batch, a_job, a_night, a_report, an_outcome, announce, some_voices

pytestmark = pytest.mark.no_cover

LTR = "\u200e"
NIGHT = f"""\
Batch 2026-11-22   03:30:02 to 04:02:41 UTC, 32:39
TOOL                            SHIP  MEAN  SPLIT             CALLS  RETRY   COST  TIME  STATE
Mistral 8x24B                   100%   7.3  -                    12      0  $0.10  1:04  in review
    ! name mismatch
OpenAI o3 Pro API                75%   6.5  business analyst     13      1  $0.11  1:09  in review
{LTR}דוגמה ארוכה מאוד של שם של כלי…{LTR}    0%   7.0  -                     4      0  $0.10  1:04  in review
    ! 1 of 4 reviewers gave none
We are hiring                      -     -  -                     -      -      -     -  aside
      a job offer, not a tool
名前がとても長い道具の例           -     -  -                     -      -      -     -  left
      a new text of a known tool
Magic CRM                          -     -  -                     -      -      -     -  held
    ! The text addresses the reviewers.
Turbo | OCR                        -     -  -                     4      0  $0.10  0:58  failed
    ! 2 of 4 reviewers gave no valid review: the answer is no JSON document

Engine   openai:gpt-test
Feeds    1 of 2 read, 11 entries
         feeds/today.xml: 2 of its items cannot be read
         feeds/gone.xml: No such file.
Tools    11 seen: 3 reviewed, 4 duplicates skipped, 1 set aside, 1 held, 1 failed, 1 left (1 with a
         new text of a known tool)
Stopped  at the deadline: 1 tool left
Calls    33 for 32 requests, 6 invalid answers (at least 2 repaired), 1 retry
Reviews  13 scorecards of 16 asked for, 3 abstentions
Cost     $0.42 of $6.00 (the batch before $2.31); per tool median $0.10, highest $0.11
Quality  evidence verbatim 97.1%, skip rate 33%
Drift    skeptic mean 5.4, 30-day 6.0: look before publishing
Next     shipskip batch --resume  # goes on with 1 tool
         shipskip runs show turbo-ocr-0a1b2c3d
           # 1 tool failed for good: asking again does no better
         shipskip batch feeds/gone.xml  # once you have corrected that feed (see Feeds)
         shipskip held  # 1 held tool: a person reads the text before any reviewer does
         shipskip runs show mistral-8x24b-0a1b2c3d  # reads the first of 3 panels
exit 3: finished, some failed
"""
MARKDOWN = r"""# Batch 2026-11-22

03:30:02 to 04:02:41 UTC, 32:39.

| Tool | Ship | Mean | Split | Calls | Retry | Cost | Time | State | Note | Run |
| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | --- | --- | --- |
| Mistral 8x24B | 100% | 7.3 | - | 12 | 0 | $0.10 | 1:04 | in review | name mismatch | mistral-8x24b-0a1b2c3d |
| OpenAI o3 Pro API | 75% | 6.5 | business analyst | 13 | 1 | $0.11 | 1:09 | in review |  | openai-o3-pro-api-0a1b2c3d |
| דוגמה ארוכה מאוד של שם של כלי חדש ומיוחד | 0% | 7.0 | - | 4 | 0 | $0.10 | 1:04 | in review | 1 of 4 reviewers gave none | tool-85bce5-0a1b2c3d |
| We are hiring | - | - | - | - | - | - | - | aside | a job offer, not a tool | we-are-1 |
| 名前がとても長い道具の例 | - | - | - | - | - | - | - | left | a new text of a known tool | - |
| Magic CRM | - | - | - | - | - | - | - | held | The text addresses the reviewers. | - |
| Turbo \| OCR | - | - | - | 4 | 0 | $0.10 | 0:58 | failed | 2 of 4 reviewers gave no valid review: the answer is no JSON document | turbo-ocr-0a1b2c3d |

- **Engine**: openai:gpt-test
- **Feeds**: 1 of 2 read, 11 entries
  - feeds/today.xml: 2 of its items cannot be read
  - feeds/gone.xml: No such file.
- **Tools**: 11 seen: 3 reviewed, 4 duplicates skipped, 1 set aside, 1 held, 1 failed, 1 left (1 with a new text of a known tool)
- **Stopped**: at the deadline: 1 tool left
- **Calls**: 33 for 32 requests, 6 invalid answers (at least 2 repaired), 1 retry
- **Reviews**: 13 scorecards of 16 asked for, 3 abstentions
- **Cost**: $0.42 of $6.00 (the batch before $2.31); per tool median $0.10, highest $0.11
- **Quality**: evidence verbatim 97.1%, skip rate 33%
- **Drift**: skeptic mean 5.4, 30-day 6.0: look before publishing

## Next

- `shipskip batch --resume`: goes on with 1 tool
- `shipskip runs show turbo-ocr-0a1b2c3d`: 1 tool failed for good: asking again does no better
- `shipskip batch feeds/gone.xml`: once you have corrected that feed (see Feeds)
- `shipskip held`: 1 held tool: a person reads the text before any reviewer does
- `shipskip runs show mistral-8x24b-0a1b2c3d`: reads the first of 3 panels

exit 3: finished, some failed
"""
QUIET = """\
Batch 2026-11-22   03:30:02 to 04:02:41 UTC, 32:39
Engine   openai:gpt-test
Feeds    1 of 1 read, 0 entries, 1 unchanged
Tools    31 seen: 0 reviewed, 31 duplicates skipped
Calls    none was made
Cost     $0.00
Drift    not known: too few scorecards to compare with the last 30 days
Next     nothing: all is done
exit 0: done
"""


def as_text(
    report: BatchReport,
    *,
    zone: tzinfo | None = None,
    root: str | None = None,
    options: Options = (),
    **places: Any,
) -> str:
    return batch_text(summarise_batch(report, zone=zone, root=root, options=options), **places)


def as_markdown(report: BatchReport, *, root: str | None = None, options: Options = ()) -> str:
    return batch_markdown(summarise_batch(report, root=root, options=options))


def fact(report: BatchReport, label: str) -> str:
    """Return the lines of one fact, joined."""
    lines = as_text(report, width=400).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"{label} "))
    end = next(n for n in range(start + 1, len(lines)) if not lines[n].startswith(" "))
    return " / ".join(line[9:].strip() for line in lines[start:end])


def test_a_night_as_text() -> None:
    assert as_text(a_night()) == NIGHT


def test_a_night_as_markdown() -> None:
    assert as_markdown(a_night()) == MARKDOWN


def test_where_the_checklist_answered_the_report_says_that_no_model_was_asked() -> None:
    report = a_report([], batch=a_batch(engine="checklist"))
    assert fact(report, "Engine") == "checklist: no model was asked"
    assert "- **Engine**: checklist: no model was asked" in as_markdown(report)
    mixed = a_report([], batch=a_batch(engine="checklist, openai:gpt-test"))
    assert fact(mixed, "Engine") == (
        "checklist, openai:gpt-test: no model was asked where the checklist answered"
    )


def test_a_night_without_news_is_short() -> None:
    feed = FeedLine(source="feed.xml", entries=0, unchanged=True)
    assert as_text(a_report([], duplicates=31, feeds=[feed])) == QUIET
    assert fact(a_report([]), "Tools") == "none seen"


@pytest.mark.parametrize("width", [40, 60, 72, 80, 100, 120])
def test_every_line_fits_the_terminal(width: int) -> None:
    for line in as_text(a_night(), width=width).splitlines():
        assert cells(line) <= width or line.startswith("         shipskip ")  # never broken


def test_a_narrow_terminal_shows_fewer_columns() -> None:
    texts = {width: as_text(a_night(), width=width).splitlines() for width in (40, 60)}
    heads = {
        width: next(line for line in lines if line.startswith("TOOL"))
        for width, lines in texts.items()
    }
    assert heads == {
        40: "TOOL               SHIP  MEAN  STATE",
        60: "TOOL           SHIP  MEAN  SPLIT     CALLS   COST  STATE",
    }


def test_a_command_is_never_broken_and_names_the_workspace() -> None:
    report = a_report([a_job("Turbo OCR", "failed")])
    shown = as_text(report, width=60, root="my root")
    assert "\nNext     shipskip batch --resume --only failed --root 'my root'\n" in shown
    assert "\n           # tries 1 failed tool again\n" in shown
    assert "`shipskip batch --resume --root 'my root'`" in as_markdown(a_night(), root="my root")


def test_columns_stand_below_each_other_whatever_the_script() -> None:
    lines = [line for line in as_text(a_night()).splitlines() if re.search(r"%|  -  ", line)]
    ends = {cells(line.partition("  $")[0]) for line in lines if "  $" in line}
    assert len(ends) == 1


@given(st.text(min_size=1, max_size=80), st.text(max_size=200))
def test_nothing_in_a_name_or_reason_steers_the_terminal(name: str, reason: str) -> None:
    if not name.strip():
        name = "x"
    job = a_job("Quillbase", "failed", reason=reason)
    job = job.model_copy(update={"tool": job.tool.model_copy(update={"name": name})})
    lines = as_text(a_report([job]), width=80).split("\n")
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 for line in lines for sign in line)
    assert not any(0x202A <= ord(sign) <= 0x202E for line in lines for sign in line)
    assert cells(lines[2]) <= 80
    assert sum(line.startswith("exit") for line in lines) >= 1


def test_what_others_wrote_is_no_markup_in_markdown() -> None:
    hostile = "[x](http://a.example) | `b` <img src=y> **c** _d_ www.e.example &lt; # ~f~ !\n# g"
    job = a_job("Quillbase", "failed", reason=hostile)
    shown = as_markdown(a_report([job]))
    (row,) = [line for line in shown.splitlines() if "Quillbase" in line]
    assert row == (
        r"| Quillbase | - | - | - | - | - | - | - | failed | \[x\](http:\//a.example) \| \`b\` "
        r"&lt;img src=y&gt; \*\*c\*\* \_d\_ www\.e.example &amp;lt; \# \~f\~ \! \# g | - |"
    )
    assert len(re.findall(r"(?<!\\)\|", row)) == 12


def test_a_command_with_a_backtick_stays_code() -> None:
    feed = FeedLine(source="a`b.xml", entries=None, why="a`b.xml: No such file.")
    assert "- ``shipskip batch 'a`b.xml'``: once" in as_markdown(a_report([], feeds=[feed]))


def test_of_hundreds_those_that_need_a_person_are_shown_and_markdown_has_all() -> None:
    jobs = [a_job(f"Plain {n}") for n in range(200)]
    jobs[150] = a_job("Flagged", outcome=an_outcome(flags=("hidden_text",)))
    jobs += [a_job(f"Aside {n}", "set_aside") for n in range(50)]
    jobs += [a_job("Broken", "failed"), a_job("Held", "held")]
    report = a_report(jobs)
    lines = as_text(report, most_rows=5).splitlines()
    assert [line.split("  ")[0] for line in lines[2:9] if line and line[0] != " "] == [
        "Plain 0",
        "Plain 1",
        "Flagged",
        "Held",
        "Broken",
        "… 247 more: 197 in review, 50 aside; all of them: give --report FILE.md",
    ]
    assert "247 more" in as_text(report, most_rows=5, full_report="night.md")
    assert "all of them: night.md" in as_text(report, most_rows=5, full_report="night.md")
    assert as_markdown(report).count("\n| ") == 252 + 2


def test_times_are_told_in_the_zone_that_is_named_also_when_clocks_change() -> None:
    spring = a_batch(
        began=datetime(2027, 3, 28, 0, 59, 30, tzinfo=UTC),
        ended=datetime(2027, 3, 28, 1, 0, 30, tzinfo=UTC),
        resumed=True,
    )
    shown = as_text(a_report([], batch=spring), zone=ZoneInfo("Europe/Berlin"))
    assert "   01:59:30 to 03:00:30 Europe/Berlin, 1:00, resumed\n" in shown
    going = a_report([], batch=a_batch(ended=None))
    assert "   began 03:30:02 UTC, not ended\n" in as_text(going)


@pytest.mark.parametrize(
    ("ms", "shown"), [(0, "0:00"), (999, "0:01"), (64_000, "1:04"), (3_723_000, "1:02:03")]
)
def test_a_duration_reads_like_a_watch(ms: int, shown: str) -> None:
    assert duration(ms) == shown


@pytest.mark.parametrize(
    ("costs", "shown"),
    [
        (["0.10", "0.20"], "$0.30 of $1.00; per tool median $0.15, highest $0.20"),
        (["0.10", None], "at least $0.10 of $1.00; per tool median $0.10, highest $0.10 / "
         "not known for 1 tool: no price for openai:own"),
        ([None], "not known (cap $1.00) / not known for 1 tool: no price for openai:own"),
    ],
)  # fmt: skip
def test_a_cost_says_what_is_not_known(costs: list[str | None], shown: str) -> None:
    jobs = [
        a_job(
            f"T{n}",
            outcome=an_outcome(
                cost_usd=None if cost is None else Decimal(cost),
                unpriced=() if cost else ("openai:own",),
            ),
        )
        for n, cost in enumerate(costs)
    ]
    assert fact(a_report(jobs, cap=Decimal(1)), "Cost") == shown


def test_a_cost_that_nobody_counted_is_said_so() -> None:
    report = a_report([a_job(outcome=an_outcome(cost_usd=None))])
    assert fact(report, "Cost") == "not known / not known for 1 tool: nobody counted"
    assert re.search(r"  \?  1:04  in review", as_text(report))


def test_costs_are_told_by_model_where_there_are_several() -> None:
    voices = [some_voices("ship", model="a"), some_voices("ship", model="b")]
    voices.append((*voices[0], *voices[1]))
    jobs = [a_job(f"T{n}", outcome=an_outcome(voices=one)) for n, one in enumerate(voices)]
    assert fact(a_report(jobs), "Cost").endswith(
        "/ a $0.10, b $0.10, panels of several models and interrupted ones $0.10"
    )


@pytest.mark.parametrize(
    ("stop", "said", "first"),
    [
        ("cap", "at the cost cap", "shipskip batch --resume --max-cost USD  #"),
        ("key", "because the provider refused the key", "shipskip doctor  #"),
        ("quota", "because the provider's quota is used up", "shipskip doctor  #"),
        ("provider", "because the provider is down", "shipskip doctor  #"),
        ("signal", "by a signal", "shipskip batch --resume  #"),
        ("max_tools", "after as many tools as were asked for", "shipskip batch --resume  #"),
    ],
)
def test_what_ended_the_batch_is_said_with_what_to_do(stop: Stop, said: str, first: str) -> None:
    report = a_report([a_job(), a_job("B", "queued")], stop=stop)
    assert fact(report, "Stopped") == f"{said}: 1 tool left"
    assert fact(report, "Next").startswith(first)


GIVEN = (("--model", "openai:my model"), ("--personas", "a,b"), ("--max-cost", "6"))


def next_of(report: BatchReport, *options: tuple[str, ...]) -> str:
    """Return the lines of what to do next."""
    text = as_text(report, width=400, options=options)
    return text.partition("\nNext ")[2].rpartition("\nexit")[0]


def test_what_was_given_is_given_again() -> None:
    words = "--model 'openai:my model' --personas a,b"
    report = a_report([a_job(), a_job("B", "queued"), a_job("C", "failed")], stop="deadline")
    shown = next_of(report, *GIVEN)
    assert f"shipskip batch --resume {words} --max-cost 6  #" in shown
    assert f"shipskip batch --resume --only failed {words} --max-cost 6  #" in shown
    assert f"`shipskip batch --resume {words} --max-cost 6`" in as_markdown(report, options=GIVEN)


def test_at_the_cap_another_one_is_asked_for() -> None:
    report = a_report([a_job(), a_job("B", "queued")], stop="cap")
    shown = next_of(report, *GIVEN, ("--batch-api",))
    assert (
        "--resume --max-cost USD --model 'openai:my model' --personas a,b --batch-api  #" in shown
    )
    assert "--max-cost 6" not in shown


def test_the_answers_of_a_batch_service_are_fetched_without_handing_in() -> None:
    given = ("--batch-api",), ("--max-cost", "6")
    assert "--collect --max-cost 6  #" in next_of(a_report([a_job("B", "waiting")]), *given)
    capped = a_report([a_job("B", "waiting")], stop="cap")
    assert "--collect --max-cost USD  #" in next_of(capped, *given)


def test_only_what_may_do_better_is_tried_again() -> None:
    hopeful = a_job("A", "failed", outcome=an_outcome("none none none none", retryable=True))
    lost = a_job("B", "failed", run="b-1", outcome=an_outcome("none none none none"))
    shown = next_of(a_report([hopeful, lost, a_job("C", "failed")]))
    assert "--only failed  # tries 2 failed tools again" in shown
    assert "shipskip runs show b-1  # 1 tool failed for good" in shown
    alone = next_of(a_report([lost.model_copy(update={"run": None})]))
    assert alone.strip() == "1 tool failed for good: asking again does no better"


def test_what_the_checklist_could_not_read_a_model_is_to_be_asked_for() -> None:
    batch, given = a_batch(engine="checklist"), ("--model", "checklist")
    shown = next_of(a_report([a_job("C", "failed")], batch=batch), given, ("--personas", "a,b"))
    assert "--resume --only failed --model REF --personas a,b  # tries 1 failed tool" in shown


def test_what_stands_from_earlier_batches_is_said_before_all_is_done() -> None:
    report = a_report([], standing=Standing(held=1, failed=3))
    assert fact(report, "Standing") == "1 held and 3 failed tools of earlier batches"
    shown = next_of(report)
    assert "--only failed  # tries 3 failed tools again" in shown
    assert "shipskip held  # 1 held tool: a person reads" in shown
    assert "nothing: all is done" not in as_text(report) + as_markdown(report)
    one = a_report([], standing=Standing(failed=1))
    assert fact(one, "Standing") == "1 failed tool of earlier batches"
    assert "- nothing: all is done\n\nexit 0" in as_markdown(a_report([]))


def test_files_are_mended_first_and_addresses_are_read_later() -> None:
    sources = ("b c.xml", "https://a.example/feed", "-", "d.xml")
    feeds = [FeedLine(source=source, entries=None, why="no") for source in sources]
    assert next_of(a_report([], feeds=feeds), ("--max-cost", "6")).split("\n") == [
        "    shipskip batch https://a.example/feed --max-cost 6  # reads that feed again",
        "         shipskip batch 'b c.xml' d.xml --max-cost 6  "
        "# once you have corrected these 2 feeds (see Feeds)",
        "         hand in the unread feed again: known entries cost nothing",
    ]


def test_a_feed_without_an_entry_is_not_all_done() -> None:
    report = a_report([], feeds=[FeedLine(source="a.xml", entries=0, left_out=2)])
    assert next_of(report).strip() == (
        "shipskip batch a.xml  # once you have corrected that feed (see Feeds)"
    )
    assert as_text(report).endswith("exit 4: nothing could be evaluated\n")


def test_the_report_ends_with_where_everything_is() -> None:
    shown = as_text(a_report([a_job()]), full_report="batches/one.md", pages="site/")
    assert shown.endswith("\nReport   batches/one.md\nPages    site/\nexit 0: done\n")
    assert "runs show quillbase-0a1b2c3d  # reads it\n" in shown


def test_one_duplicate_is_one() -> None:
    assert fact(a_report([], duplicates=1), "Tools").endswith(", 1 duplicate skipped")


def test_waiting_tools_are_fetched_later() -> None:
    report = a_report([a_job("B", "waiting", outcome=Outcome()), a_job("C", "waiting")])
    assert fact(report, "Next") == "shipskip batch --collect  # fetches the answers to 2 tools"
    assert "exit 8: waiting for answers" in as_text(report)


@pytest.mark.parametrize("source", ["-", "https://a.example/feed?key=secret", "a\u202eb.xml"])
def test_a_feed_that_cannot_be_named_again_is_not(source: str) -> None:
    feed = FeedLine(source=source, entries=None, why="it is empty")
    shown = as_text(a_report([], feeds=[feed]))
    assert "hand in the unread feed again" in shown
    assert "secret" not in shown
    assert "secret" not in as_markdown(a_report([], feeds=[feed]))


def test_what_a_feed_lost_is_said() -> None:
    feeds = [
        FeedLine(source="a.xml", entries=5, left_out=1, beyond=1),
        FeedLine(source="b.xml", entries=None, why="No such file."),
    ]
    assert fact(a_report([], feeds=feeds), "Feeds") == (
        "1 of 2 read, 5 entries / a.xml: 1 item left out / "
        "a.xml: 1 item beyond the most that are read / b.xml: No such file."
    )


def test_the_first_items_that_were_left_out_are_located() -> None:
    reasons = ("line 2: it is no item with fields", "line 3: it is no item with fields")
    feed = FeedLine(source="a.csv", entries=5, malformed="3 cannot be read", left_out=3)
    all_but_one = feed.model_copy(update={"reasons": reasons})
    assert fact(a_report([], feeds=[all_but_one]), "Feeds") == (
        "1 of 1 read, 5 entries / a.csv: 3 cannot be read / "
        f"a.csv: {reasons[0]} / a.csv: {reasons[1]} / a.csv: 1 more item left out"
    )
    both = all_but_one.model_copy(update={"left_out": 2})
    assert fact(a_report([], feeds=[both]), "Feeds").endswith(reasons[1])


def test_what_is_carried_over_is_told_apart() -> None:
    report = a_report([a_job()], announced=[])
    assert fact(report, "Tools") == "0 seen and 1 from an earlier batch: 1 reviewed"
    assert "from an earlier batch" in as_markdown(report).split("- **Feeds")[0]
    again = a_report([a_job()], announced=[announce(a_job(), "revised")])
    assert fact(again, "Tools") == "1 seen: 1 reviewed"


def test_drift_is_found_none_or_not_known() -> None:
    none = DriftCheck(compared=("builder", "business_analyst"))
    assert fact(a_report([], drift=none), "Drift") == "none in builder and business analyst"
    assert fact(a_report([], drift=DriftCheck()), "Drift").startswith("not known")
    both = DriftCheck(
        compared=("builder",),
        drifts=(
            Drift(persona="builder", of="mean", today=5.0, before=7.0),
            Drift(persona="builder", of="ship rate", today=0.25, before=0.75),
        ),
    )
    assert fact(a_report([], drift=both), "Drift") == (
        "builder mean 5.0, 30-day 7.0: look before publishing / "
        "builder ship rate 25%, 30-day 75%: look before publishing"
    )


@pytest.mark.parametrize(("verbatim", "shown"), [(2000, "100%"), (1999, "99.9%"), (0, "0.0%")])
def test_only_all_of_it_is_a_hundred_per_cent(verbatim: int, shown: str) -> None:
    report = a_report([a_job(outcome=an_outcome(evidence=2000, verbatim=verbatim))])
    assert fact(report, "Quality") == f"evidence verbatim {shown}, skip rate 0%"


def test_shares_of_nothing_are_not_known() -> None:
    job = a_job("B", "failed", outcome=an_outcome("ship none", evidence=0, verbatim=0))
    assert fact(a_report([job]), "Quality") == "evidence verbatim not known, skip rate not known"


def test_a_panel_of_hours_and_one_of_none_is_told() -> None:
    hours = a_job("Slow", outcome=an_outcome(ms=timedelta(hours=2) // timedelta(milliseconds=1)))
    assert "  2:00:00  in review" in as_text(a_report([hours]))


def test_a_batch_that_asked_no_model_says_so() -> None:
    report = a_report([a_job(outcome=an_outcome(calls=0, cost_usd=None))])
    assert fact(report, "Calls") == "none to a model, 4 requests answered here"
