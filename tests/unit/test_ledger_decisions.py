"""Decisions as rows of the journal, on SQLite and on a real Postgres."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from panel.domain.decision import Change, Draft, SiteBuild
from panel.errors import Overtaken, StoreError, Tampered
from panel.store.sql.decisions import _add
from panel.store.sql.journal import JournalEnd
from panel.store.sql.ledger import SqlLedger
from tests.decisions import MORNING, a_draft
from tests.factories import a_run, a_tool
from tests.ledgers import ROOT, an_entry, announce

pytestmark = pytest.mark.slow

RUN = a_run()
UNGUARD = {
    "sqlite": "DROP TRIGGER journal_refuses_update",
    "postgresql": "DROP TRIGGER journal_is_append_only ON journal",
}


def test_a_decision_is_read_as_it_was_made_and_is_a_row_of_the_chain(ledger: SqlLedger) -> None:
    change = Change(field="price.1", before="team: 9", after="team: 12", found="the vendor's page")
    edit = a_draft(RUN, "edit", changes=(change,), answers={"flag-1": "An “example”."}, read=("a",))
    first = ledger.decisions.add(edit, seen=0)
    announce(ledger, an_entry())
    second = ledger.decisions.add(a_draft(RUN, "override", verdict="skip"), seen=first.number)
    assert (first.number, second.number) == (2, 4)  # after the batch that was begun, and the entry
    assert ledger.decisions.of_tool(RUN.tool.slug) == (first, second)
    assert list(ledger.decisions.after(first.number)) == [second]
    assert Draft(**{k: v for k, v in dict(first).items() if k != "number"}) == edit
    row = list(ledger.journal.rows())[1]
    assert (row.actor, row.action, row.object) == ("Duty editor", "edit", f"tool {RUN.tool.slug}")
    assert (row.reason, row.after) == (edit.reason, edit.grounds.run)
    assert ledger.journal.verify() == 4


def test_of_two_decisions_at_once_one_wins_and_the_other_editor_is_told(ledger: SqlLedger) -> None:
    seen = ledger.decisions.add(a_draft(RUN), seen=0).number
    ready = threading.Barrier(2)

    def decide(draft: Draft) -> object:
        ready.wait(30)
        try:
            return ledger.decisions.add(draft, seen=seen)
        except Overtaken as error:
            return error

    drafts = (
        a_draft(RUN, "withdraw", editor="Day editor"),
        a_draft(RUN, "correct", editor="Duty editor"),
    )
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(decide, drafts))
    (told,) = [one for one in found if isinstance(one, Overtaken)]
    (won,) = [one for one in found if not isinstance(one, Overtaken)]
    assert ledger.decisions.of_tool(RUN.tool.slug)[1:] == (won,)
    assert str(told).startswith(f"Quillbase: {won.editor} decided on it meanwhile ({won.kind}, ")  # type: ignore[attr-defined]
    assert "\n" not in str(told)
    assert told.number == won.number  # type: ignore[attr-defined]
    assert ledger.journal.verify() == 3


def test_of_two_decisions_in_one_commit_the_second_knows_the_first(
    sqlite_ledger: SqlLedger,
) -> None:
    def both(connection: Connection, end: JournalEnd) -> None:
        for ticket in ("a", "b"):
            _add(connection, end, draft=a_draft(RUN), seen=0, ticket=ticket)

    with pytest.raises(Overtaken):
        sqlite_ledger.journal.write(both)
    assert sqlite_ledger.decisions.of_tool(RUN.tool.slug) == ()


def test_a_decision_on_another_tool_is_in_nobodys_way(ledger: SqlLedger) -> None:
    other = a_run(a_tool("Rowboat"))
    first = ledger.decisions.add(a_draft(RUN), seen=0)
    second = ledger.decisions.add(a_draft(other), seen=0)
    assert ledger.decisions.of_tool("rowboat") == (second,)
    assert list(ledger.decisions.after()) == [first, second]


@pytest.mark.parametrize("change", ["document = NULL", "document = replace(document, 'ap', 'AP')"])
def test_a_decision_that_was_changed_in_the_database_is_found(
    ledger: SqlLedger, change: str
) -> None:
    number = ledger.decisions.add(a_draft(RUN), seen=0).number
    unguard = UNGUARD[ledger.database.engine.dialect.name]
    ledger.database.write(lambda c: c.execute(text(unguard)))
    tamper = f"UPDATE journal SET {change} WHERE number = {number}"  # noqa: S608 - as above
    ledger.database.write(lambda c: c.execute(text(tamper)))
    with pytest.raises(Tampered, match=f"row {number} of the journal is not what was written"):
        ledger.journal.verify()


def test_a_decision_cannot_be_taken_out(ledger: SqlLedger) -> None:
    ledger.decisions.add(a_draft(RUN), seen=0)
    with pytest.raises(StoreError, match="append-only"):
        ledger.database.write(lambda c: c.execute(text("DELETE FROM journal")))
    assert len(ledger.decisions.of_tool(RUN.tool.slug)) == 1


def test_the_last_build_of_the_site_is_no_decision(ledger: SqlLedger) -> None:
    assert ledger.decisions.last_build() is None
    decision = ledger.decisions.add(a_draft(RUN), seen=0)
    builds = [
        SiteBuild(at=MORNING + timedelta(hours=hour), digest="d" * 64, upto=decision.number)
        for hour in (1, 2)
    ]
    for build in builds:
        ledger.decisions.record_build(build)
    assert ledger.decisions.last_build() == builds[-1]
    assert list(ledger.decisions.after()) == [decision]
    assert ledger.journal.verify() == 4


KILLED = """
import os
from panel.store.sql import decisions
from tests.decisions import a_draft
from tests.factories import a_run
ledger = SqlLedger.open(sys.argv[1])
run, seen = a_run(), 0
while True:
    decision = ledger.decisions.add(a_draft(run, "hold", reason="x" * 1500), seen=seen)
    seen = decision.number
    os.write(1, b"%d\\n" % seen)
"""


def test_a_process_killed_between_decisions_leaves_each_whole_or_not_at_all(
    ledger_address: str,
) -> None:
    script = f"import sys\nfrom tests.ledgers import *\n{KILLED}"
    command = [sys.executable, "-c", script, ledger_address]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        told = [int(child.stdout.readline()) for _ in range(5)]
        child.send_signal(signal.SIGKILL)
        told += [int(line) for line in child.stdout.read().split(b"\n")[:-1]]
    ledger = SqlLedger.open(ledger_address)
    kept = [one.number for one in ledger.decisions.after()]
    assert kept[: len(told)] == told  # whatever was said to be decided is there
    assert len(kept) <= len(told) + 1
    assert ledger.journal.verify() == len(kept)
    assert ledger.decisions.add(a_draft(RUN), seen=kept[-1]).number == kept[-1] + 1
    ledger.close()


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_whatever_an_editor_types_comes_back(
    sqlite_decisions: SqlLedger, name: str, why: str
) -> None:
    try:
        draft = a_draft(RUN, "hold", editor=name, reason=why)
    except ValueError:  # nothing in it can be read
        return
    past = sqlite_decisions.decisions.of_tool(RUN.tool.slug)
    seen = past[-1].number if past else 0
    decision = sqlite_decisions.decisions.add(draft, seen=seen)
    assert sqlite_decisions.decisions.of_tool(RUN.tool.slug)[-1] == decision
    assert (decision.editor, decision.reason) == (draft.editor, draft.reason)


@pytest.fixture(scope="module")
def sqlite_decisions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlLedger]:
    ledger = SqlLedger.open(tmp_path_factory.mktemp("ledger") / "ledger.db")
    yield ledger
    ledger.close()
