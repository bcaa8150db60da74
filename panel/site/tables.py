"""Tables: what is published as CSV (RFC 4180) and JSON Lines, one row a tool, comparison or review.

A cell that a spreadsheet would take for a formula begins with an apostrophe; the JSON Lines have the
text as it is.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Final

from pydantic_core import to_json

from panel.domain.review import Scorecard
from panel.domain.scale import percent
from panel.publish.catalogue import Catalogue
from panel.publish.published import PublishedTool, SiteComparison

DataRow = dict[str, Any]
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")


TOOL_COLUMNS = (
    "slug name url state decision panel_decision overridden ship_percent ships votes score category "
    "vendor licence entry entry_price approved updated run"
).split()
COMPARISON_COLUMNS = "slug url tools decisions pick reason published updated".split()
REVIEW_COLUMNS = (
    "tool reviewer vote score confidence_percent take prediction prediction_by prediction_percent "
    "provider model date"
).split()


def tool_rows(catalogue: Catalogue) -> Iterator[DataRow]:
    """Yield the row of each tool, withdrawn ones too, which have no verdict."""
    for tool in catalogue.every:
        yield _tool_row(catalogue, tool)


def _tool_row(catalogue: Catalogue, tool: PublishedTool) -> DataRow:
    known = {
        "slug": tool.slug,
        "name": tool.name,
        "url": catalogue.identity.url(tool.path),
        "state": tool.publication.state,
        "approved": tool.first_published.date().isoformat(),
        "updated": tool.updated.date().isoformat(),
        "run": tool.publication.subject.run,
    }
    if tool.is_withdrawn:
        return {**dict.fromkeys(TOOL_COLUMNS), **known}
    row, facts, verdict = catalogue.row(tool), tool.run.tool, tool.run.verdict
    return {
        **known,
        "decision": tool.decision,
        "panel_decision": verdict.decision if verdict else None,
        "overridden": row.is_overridden,
        "ship_percent": int(row.share) if row.share else None,
        "ships": row.ships,
        "votes": row.cards,
        "score": verdict.score if verdict else None,
        "category": facts.category,
        "vendor": facts.vendor,
        "licence": facts.licence,
        "entry": facts.entry,
        "entry_price": row.entry,
    }


def comparison_rows(catalogue: Catalogue) -> Iterator[DataRow]:
    """Yield the row of each comparison whose tools are all published."""
    for one in catalogue.comparisons:
        yield _comparison_row(catalogue, one)


def _comparison_row(catalogue: Catalogue, one: SiteComparison) -> DataRow:
    pick, reason = one.pick
    return {
        "slug": one.slug,
        "url": catalogue.identity.url(one.path),
        "tools": " | ".join(tool.slug for tool in one.tools),
        "decisions": " | ".join(tool.decision or "none" for tool in one.tools),
        "pick": pick,
        "reason": reason,
        "published": one.first_published.date().isoformat(),
        "updated": one.updated.date().isoformat(),
    }


def review_rows(catalogue: Catalogue) -> Iterator[DataRow]:
    """Yield a row for each review of each tool whose verdict stands, abstentions too."""
    for tool in catalogue.tools:
        for review in tool.run.reviews:
            card = review if isinstance(review, Scorecard) else None
            said = card.ballot.prediction if card else None
            yield {
                "tool": tool.slug,
                "reviewer": review.reviewer,
                "vote": card.verdict if card else None,
                "score": card.score if card else None,
                "confidence_percent": percent(card.ballot.confidence) if card else None,
                "take": card.ballot.take_text if card else None,
                "prediction": said.claim if said else None,
                "prediction_by": said.by if said else None,
                "prediction_percent": percent(said.probability) if said else None,
                "provider": review.provider,
                "model": review.model,
                "date": tool.run.started.date().isoformat(),
            }


def write_csv(columns: Sequence[str], rows: Iterable[DataRow]) -> str:
    """Return rows as CSV with a row of names; absence is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    cells = itemgetter(*columns)
    writer.writerows(map(_cell, cells(row)) for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, str):
        if value[:1].isalnum() and "\x00" not in value:
            return value
        text = value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)  # a number


def write_json_lines(rows: Iterable[DataRow]) -> str:
    """Return rows as one JSON document a line, whatever a reader takes for a line's end."""
    text = "".join(f"{to_json(row).decode()}\n" for row in rows)
    for sign in "\x85\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
