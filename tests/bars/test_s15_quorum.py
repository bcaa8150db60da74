"""S15: which of four personas fail, in all sixteen ways, from the server to the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import product
from pathlib import Path

from panel.app.publish import PublishedRun
from panel.domain.persona import Persona
from tests.bars.conftest import Show
from tests.bars.desk import Desk
from tests.bars.rooms import (
    CHAT,
    a_room,
    a_wish,
    answer,
    persona_of,
    review_all,
    settings_for,
    tools,
)
from tests.contract.loopback import Heard, Reply
from tests.workspaces import persona_set

DONE, SOME_FAILED, NOTHING = 0, 3, 4
GONE = Reply({"error": {"message": "no such model"}}, 404)


@dataclass(frozen=True)
class Came:
    missing: Sequence[Persona]
    done: PublishedRun
    page: str
    calls: int


def review_each(subsets: Sequence[Sequence[Persona]], root: Path) -> Iterator[Came]:
    """Yield what comes of a panel for each of `subsets`, which the server leaves unanswered."""
    missing: Sequence[Persona] = ()

    def choose(heard: Heard) -> Reply:
        return GONE if persona_of(heard) in missing else answer(CHAT, heard)

    with Desk(choose) as desk:
        room = a_room(root, settings_for(CHAT, desk.address))
        for missing in subsets:
            before = len(desk.calls)
            (done,) = review_all(room, tools(1), a_wish(CHAT))
            page = unescape(done.page.read_text(encoding="utf-8"))
            yield Came(missing, done, page, len(desk.calls) - before)


def test_s15_each_subset_of_missing_personas_ends_as_documented(tmp_path: Path, show: Show) -> None:
    subsets = [
        [persona for persona, gone in zip(persona_set().personas, chosen, strict=True) if gone]
        for chosen in product((False, True), repeat=4)
    ]
    came = list(review_each(subsets, tmp_path))
    assert len(came) == 16
    lines = ["S15: 16/16 subsets of missing personas, from the server to the page"]
    for one in sorted(came, key=lambda one: len(one.missing)):
        verdict = one.done.run.verdict
        assert verdict is not None
        answered = 4 - len(one.missing)
        lines.append(
            f"  {answered}/4 answered, exit {one.done.exit_code}, verdict {verdict.decision}; missing: "
            + (", ".join(persona.name for persona in one.missing) or "nobody")
        )
        assert one.calls == 4
        assert verdict.abstentions == tuple(sorted(persona.key for persona in one.missing))
        assert one.done.exit_code == (
            DONE if answered == 4 else SOME_FAILED if answered == 3 else NOTHING
        )
        assert (verdict.decision is None) == (answered < 3)
        assert one.done.document["verdict"]["decision"] == verdict.decision
        for persona in one.missing:
            assert persona.name in one.page
            assert "declined the request (404): no such model" in one.page
        given = {card["reviewer"] for card in one.done.document["reviews"] if "score" in card}
        assert not given & {persona.key for persona in one.missing}
    show(*lines)
