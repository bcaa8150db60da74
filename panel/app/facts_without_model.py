"""Facts of a text without a model: for two texts of one tool to be compared by the same reader."""

from functools import cache

from panel.checklist.facts import find_facts
from panel.checklist.matcher import SignalMatcher
from panel.checklist.prose import read_prose
from panel.checklist.signals import load_signals
from panel.domain.cleaning import clean
from panel.domain.fact_checks import complete_tool
from panel.domain.intake import ReadFacts
from panel.domain.tool import Tool
from panel.spdx import licence_table


def with_read_facts(tool: Tool) -> Tool:
    """Return `tool` with the facts that it lacks and a plain sentence of its description states.

    What no plain sentence states counts as not read, so that nothing is said to be gone.
    """
    shown = clean(tool.as_shown()).text
    prose, matcher = read_prose(shown), _matcher()
    facts = find_facts(prose, matcher.find(prose), matcher)
    return complete_tool(tool, ReadFacts(facts=facts, unread={}), shown, licence_table()).tool


@cache
def _matcher() -> SignalMatcher:
    return SignalMatcher(load_signals())
