"""The journal in words: what a row is about and what was done, for those who read it."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from panel.errors import UnreadableRow
from panel.ports import Ledger

_JOB: Final = "job "
_NAMES_KEPT: Final = 4096


def object_namer(ledger: Ledger) -> Callable[[str], str]:
    """Return what names the object of a row for a reader: a job by its tool, the rest as it is."""

    @lru_cache(_NAMES_KEPT)
    def name(object_: str) -> str:
        if not object_.startswith(_JOB):
            return object_
        try:
            return ledger.jobs.get(object_.removeprefix(_JOB)).tool.name
        except (KeyError, UnreadableRow):
            return object_

    return name


def say_action(action: str) -> str:
    """Return the action of a row in words.

    >>> say_action("take_claims")
    'take claims'
    """
    return action.replace("_", " ")
