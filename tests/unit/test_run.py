"""What a run says of itself: whether it is held, why a ship is not a plain one, whether it moved."""

from datetime import UTC, datetime
from typing import Any

import pytest

from panel.domain.flag import Flag, FlagKind
from panel.domain.run import Release, Run
from tests.factories import a_panel, a_run, a_scorecard

SHIP, SKIP = a_run(), a_run(reviews=a_panel("skip skip skip skip"))


def a_flag(kind: FlagKind, *, holds: bool = True) -> Flag:
    return Flag(kind=kind, message="Look here.", holds=holds)


def released(held: Run, **fields: Any) -> Run:
    given: dict[str, Any] = {
        "reason": "Read.",
        "at": datetime(2026, 11, 23, tzinfo=UTC),
        "run": held.id,
    }
    return held.model_copy(update={"release": Release(**(given | fields))})


def test_a_run_is_held_by_a_flag_that_holds_until_it_is_released() -> None:
    assert not SHIP.is_held
    assert not a_run(flags=(a_flag("witnessed", holds=False),)).is_held
    kinds: tuple[FlagKind, ...] = ("witnessed", "canary", "addresses_reviewers")
    for kind in kinds:
        held = a_run(flags=(a_flag(kind),))
        assert held.is_held
        assert not released(held).is_held


@pytest.mark.parametrize(
    ("kind", "is_held"), [("witnessed", True), ("canary", True), ("addresses_reviewers", False)]
)
def test_a_panel_without_the_passages_is_held_by_what_it_reports_itself(
    kind: FlagKind, *, is_held: bool
) -> None:
    without: dict[str, Any] = {"run": "quillbase-before", "without": ("x y",)}
    again = a_run(flags=(a_flag(kind),))
    assert released(again, stands=False, **without).is_held is is_held
    assert not released(again, **without).is_held


@pytest.mark.parametrize(
    ("run", "before", "moved"),
    [
        (SHIP, SHIP, False),
        (SKIP, SHIP, True),
        (SHIP, SKIP, True),
        (SHIP, a_run(reviews=a_panel("none none none none")), None),
        (a_run(reviews=a_panel("none none none none")), SHIP, None),
        (SHIP, None, None),
    ],
)
def test_whether_the_verdict_moved_is_known_where_both_panels_decided(
    run: Run, before: Run | None, moved: object
) -> None:
    verdict = before.verdict if before else None
    assert released(run, without=("x y",), before=verdict).has_moved is moved
    assert released(run, before=verdict).has_moved is None
    assert run.has_moved is None


def test_a_ship_on_fewer_than_all_or_with_a_flag_is_marked() -> None:
    assert SHIP.caveats == ()
    assert a_run(reviews=a_panel("ship ship ship none")).caveats == (
        "1 of 4 reviewers gave no valid review.",
    )
    flagged = a_run(
        reviews=(a_scorecard("builder", flags=(a_flag("ballot", holds=False),)), *a_panel()[1:]),
        flags=(a_flag("witnessed"),),
    )
    assert flagged.caveats == ("2 flags to look at.",)
    assert SKIP.model_copy(update={"flags": flagged.flags}).caveats == ()
    assert a_run(verdict=None, state="waiting").caveats == ()
