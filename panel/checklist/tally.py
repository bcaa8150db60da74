"""The tally: which signals the recorded ballots of the checklist name.

A finding is up to four clauses: "For: states a price; names a cap. Absent: does not name a
limit. Unclear: gives figures." So a page, a terminal and a JSON document count the signals from the
recorded run alone.
"""

import re

from panel.domain.run import Run
from panel.domain.value import Value
from panel.domain.wording import counted

_CLAUSE = re.compile(r"(?P<kind>For|Against|Absent|Unclear): (?P<said>[^.:]+)\.")


class SignalTally(Value):
    """The signals of a run: what speaks for the tool, what against it, and what the text lacks.

    `unclear` has those that no plain sentence states, though the text has a trace of them, as in a
    table or in code: the tool may have them or not.
    """

    in_favour: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()

    @property
    def counts(self) -> str:
        """The counts in words: "12 signals for, 3 against, 5 absent"."""
        signals = f"{counted(len(self.in_favour), 'signal')} for"
        return f"{signals}, {len(self.against)} against, {len(self.absent)} absent"


def write_reason(tally: SignalTally) -> str:
    """Return the text of a finding: what was found on its criterion, and what is missing."""
    clauses = (
        ("For", tally.in_favour),
        ("Against", tally.against),
        ("Absent", tally.absent),
        ("Unclear", tally.unclear),
    )
    return " ".join(f"{kind}: {'; '.join(said)}." for kind, said in clauses if said)


def tally_run(run: Run) -> SignalTally | None:
    """Return the signals that the ballots of a run name; None where the checklist filled in none."""
    cards = run.scorecards if run.is_checklist else ()
    said: dict[str, dict[str, None]] = {"For": {}, "Against": {}, "Absent": {}, "Unclear": {}}
    for finding in (finding for card in cards for finding in card.ballot.findings):
        for clause in _CLAUSE.finditer(finding.finding):
            said[clause["kind"]].update(dict.fromkeys(clause["said"].split("; ")))
    if not any(said.values()):
        return None
    in_favour, against, absent, unclear = map(tuple, said.values())
    return SignalTally(in_favour=in_favour, against=against, absent=absent, unclear=unclear)


def lead_line(run: Run) -> str | None:
    """Return "checklist: 12 signals for, 3 against, 5 absent"; None for a panel of models.

    It stands where a panel of models has its score: the checklist is no jury.
    """
    if not run.is_checklist or not run.scorecards:
        return None
    tally = tally_run(run)
    return f"checklist: {tally.counts if tally else 'its signals were not recorded'}"
