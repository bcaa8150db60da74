"""S3: hostile replies never crash a reviewer, never become a score, never reach a page."""

import asyncio
import base64
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from panel.app.panels import PanelRunner, open_providers
from panel.domain.prompts import brief
from panel.domain.review import Abstention, Review, Scorecard
from panel.domain.run import Inputs
from panel.pipeline.recording import RecordingProvider
from panel.pipeline.reviewer import Reviewer
from panel.ports import Provider
from tests.bars.conftest import Corpus, Show
from tests.bars.desk import Choosing, Desk
from tests.bars.hours import HastyClock, run_hastily
from tests.bars.mutations import mutants
from tests.bars.rooms import (
    CHAT,
    KINDS,
    a_room,
    a_wish,
    answer,
    persona_of,
    reference,
    review_all,
    settings_for,
    sound,
    tools,
)
from tests.contract.kinds import Kind
from tests.contract.loopback import Heard, Reply
from tests.workspaces import persona_set

AT_ONCE = 16
_NUMBER = re.compile(rb"Quillbase (\d+)")
SOUND = sound(persona_set().personas[0])
ACCEPT = "accept"  # how the data's expectations for what may be taken begin
OR_NOT = "_or_reject"


@dataclass(frozen=True)
class Case:
    """A hostile reply: may it be taken, and must it be, as an odd but whole one."""

    name: str
    reply: Reply
    may_be_taken: bool = False
    must_be_taken: bool = False


@dataclass(frozen=True)
class Came:
    case: Case
    review: Review
    calls: int


def mutated(rows: Sequence[dict[str, str]], kind: Kind) -> Iterator[Case]:
    for row in rows:
        for name, reply in mutants(row, SOUND.model_dump_json(), kind):
            may = row["expect"].startswith(ACCEPT)
            yield Case(name, reply, may, may and OR_NOT not in row["expect"])


def files(rows: Sequence[dict[str, str]], kind: Kind) -> Iterator[Case]:
    """Yield each JSON file as what the model said, and as the whole of what the server sent."""
    for row in rows:
        data = base64.b64decode(row["bytes_b64"])
        text = data.decode("utf-8", "surrogateescape")
        yield Case(f"{row['id']} said", Reply(kind.answer(text)))
        yield Case(f"{row['id']} sent", Reply(data))


async def play_all(kind: Kind, cases: Sequence[Case], root: Path, *, mended: bool) -> list[Came]:
    """Return what a reviewer makes of each case: of the case for ever, or once and then an answer.

    The server finds the case by the tool that is asked about. All share one journal on disk.
    """
    some = asyncio.Semaphore(AT_ONCE)
    met: Counter[int] = Counter()

    def choose(heard: Heard) -> Reply:
        number = int(_NUMBER.findall(heard.body)[0]) - 1
        met[number] += 1
        return answer(kind, heard) if mended and met[number] > 1 else cases[number].reply

    async def one(inputs: Inputs, provider: Provider, number: int) -> Came:
        reviewer = Reviewer(
            inputs.personas[0], inputs.assignments[0], inputs, brief(inputs), provider
        )
        async with some:
            review = await reviewer.review(0)
        return Came(cases[number], review, met[number])

    async with Choosing(choose) as server:
        room = a_room(root, settings_for(kind, server.address), HastyClock())
        options = a_wish(kind, [persona_set().personas[0].key])
        runs = [PanelRunner(room).begin(tool, options).run for tool in tools(len(cases))]
        providers = open_providers(room, options)
        live = providers.of(runs[0].inputs, root, "")[reference(kind)]
        with room.runs.lock(runs[0]) as journal:
            provider = RecordingProvider(live, journal, room.clock)
            async with aclosing(providers), asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(one(run.inputs, provider, number))
                    for number, run in enumerate(runs)
                ]
        with room.runs.lock(runs[0]) as journal:  # read again, from the disk
            assert len(journal.exchanges) >= len(cases)
    return [task.result() for task in tasks]


def judge(came: Sequence[Came], *, mended: bool) -> Counter[str]:
    """Return how often what came of a case; whatever is not allowed fails here."""
    found: Counter[str] = Counter()
    for one in came:
        review, name = one.review, one.case.name
        if isinstance(review, Abstention):
            assert review.reason.isprintable(), name
            assert not one.case.must_be_taken, (name, review.reason)
            found["abstained"] += 1
        elif review.ballot == SOUND and mended and one.calls > 1:
            found["mended"] += 1
        else:
            assert one.case.may_be_taken, (name, review)
            assert review.ballot.scores == SOUND.scores, name
            assert review.verdict == SOUND.verdict, name
            found["taken"] += 1
        assert one.calls <= 3, name
    return found


def test_s3_no_hostile_reply_becomes_a_score(corpus: Corpus, tmp_path: Path, show: Show) -> None:
    rows = corpus("replies"), corpus("json_suite")
    lines = [
        f"S3: {len(rows[0])} mutations (every key in turn) and {len(rows[1])} JSON files as message "
        "and as body, for ever or once (time jumps over waits)"
    ]
    for kind in KINDS:
        changed, odd = list(mutated(rows[0], kind)), list(files(rows[1], kind))
        plays = [("mutations", changed, False), ("mutations", changed, True)]
        plays += [("JSON files", odd, False), ("JSON files", odd, True)][: 2 if kind is CHAT else 1]
        for name, cases, mended in plays:
            place = tmp_path / f"{kind.name}-{name}-{mended}"
            found = judge(run_hastily(play_all(kind, cases, place, mended=mended)), mended=mended)
            lines.append(
                f"{kind.name:>10} {'once' if mended else 'for ever':9} {len(cases):>4} {name:10} "
                f"crashes 0, invented scores 0; abstained {found['abstained']}, mended by the "
                f"repair {found['mended']}, taken unaltered {found['taken']}"
            )
            assert found["abstained"] + found["mended"] + found["taken"] == len(cases)
            assert (found["taken"] > 0) == (name == "mutations")
            assert (found["mended"] > 0) == mended
    show(*lines)


def test_s3_no_page_shows_a_score_from_an_invalid_reply(
    corpus: Corpus, tmp_path: Path, show: Show
) -> None:
    spoiled = persona_set().personas[0]
    cases = [next(iter(mutated([row], CHAT))) for row in corpus("replies")]
    named, case = 0, cases[0]

    def choose(heard: Heard) -> Reply:
        return case.reply if persona_of(heard) == spoiled else answer(CHAT, heard)

    with Desk(choose) as desk:
        room = a_room(tmp_path, settings_for(CHAT, desk.address))
        for case in cases:
            (done,) = review_all(room, tools(1), a_wish(CHAT))
            verdict, html = done.run.verdict, done.page.read_text(encoding="utf-8")
            mine = next(one for one in done.run.reviews if one.reviewer == spoiled.key)
            assert "<script>alert" not in html
            assert verdict is not None
            assert verdict.decision == "ship"
            if isinstance(mine, Scorecard):
                assert case.may_be_taken, case.name
                assert mine.ballot.scores == SOUND.scores
            else:
                named += 1
                assert verdict.abstentions == (spoiled.key,)
                assert spoiled.name in html
                assert spoiled.key not in (*verdict.ships, *verdict.skips)
    show(
        f"S3 on the page: {len(cases)} panels with one spoiled reviewer, {named} pages name it as "
        f"missing, {len(cases) - named} show its own scores unaltered, 0 show an invented one"
    )
