"""The desk's templates, style and scripts, read once."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from panel.domain.decision import DONE, DecisionKind, EditorialDecision
from panel.domain.scale import percent
from panel.domain.wording import counted
from panel.publish.changes import describe_changes
from panel.publish.environment import escaping_environment
from panel.publish.figures import long_date, points
from panel.publish.passages import Span
from panel.publish.typefaces import FONTS

_HOME: Final = Path(__file__).parent / "templates"
_PASSAGES: Final = 40
DID: Final[Mapping[DecisionKind, str]] = {**DONE, "undo": "undid the decision before"}
"""What was done by a decision, beside its tool or its reason."""
KEYS: Final = (
    ("j k", "later and back; in the queue down and up"),
    ("Enter", "open the tool"),
    ("o", "open the first tool of the queue"),
    ("x", "tick a clean tool"),
    ("a", "go on: the next open point, or approve"),
    ("1 2 3", "answer the open point"),
    ("e", "edit a review"),
    ("s", "save the facts"),
    ("v", "override"),
    ("h", "hold"),
    ("r", "reject; in the queue read those that need no answer in a row"),
    ("w", "withdraw"),
    ("u", "undo the last decision"),
)


@dataclass(frozen=True)
class DeskContext:
    """What every page of the desk prints: who is there, where, and what was decided last."""

    editor: str
    token: str
    nonce: str
    path: str
    here: str
    nav: tuple[tuple[str, str, int], ...]
    now: str
    keys: bool
    list: str = ""
    notice: str = ""
    last: EditorialDecision | None = None
    last_at: str = ""
    style: str = ""
    script: str = ""
    key_list: tuple[tuple[str, str], ...] = KEYS


@dataclass(frozen=True)
class GivenSpan(Span):
    """A piece of the text; `last` where its passage ends, which is where its citations stand."""

    last: bool = False


class DeskPages:
    """Renders the pages of the desk; `zone` is the time zone of their times."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._environment = escaping_environment(_HOME, made_by=Path(__file__))
        self._environment.globals.update(
            cost=_cost,
            counted=counted,
            describe_changes=describe_changes,
            did=DID,
            long_date=long_date,
            percent=percent,
            points=points,
            when=self.when,
        )
        fonts = {f"/fonts/{one.name}": one.read_bytes() for one in FONTS.glob("*.woff2")}
        style = (_HOME / "desk.css").read_text(encoding="utf-8") + _lighting()
        for name, content in fonts.items():
            style = style.replace(name, f"{name}?{_version(content)}")
        self.files: Mapping[str, tuple[bytes, str]] = {
            "/desk.css": (style.encode(), "text/css"),
            "/desk.js": ((_HOME / "desk.js").read_bytes(), "text/javascript"),
            "/run.js": ((_HOME / "run.js").read_bytes(), "text/javascript"),
            **{name: (content, "font/woff2") for name, content in fonts.items()},
        }
        self._versions = {name: _version(content) for name, (content, _) in self.files.items()}
        self._environment.globals.update(run_script=self._versions["/run.js"])

    def render(self, template: str, desk: DeskContext, **values: Any) -> str:  # noqa: ANN401
        """Return a page. A template that misses a value is an error, and no blank."""
        desk = replace(desk, style=self._versions["/desk.css"], script=self._versions["/desk.js"])
        return self._environment.get_template(template).render(desk=desk, **values)

    def render_sign_in(self, **values: Any) -> str:  # noqa: ANN401 - what the template prints
        """Return the page to sign in on, which nobody has a session for yet."""
        style = self._versions["/desk.css"]
        return self._environment.get_template("sign_in.j2").render(style=style, **values)

    def when(self, at: datetime) -> str:
        """Return a moment as the desk prints it: day and time."""
        local = at.astimezone(self._zone)
        return f"{local.day} {local:%b %H:%M}"

    def clock(self, at: datetime) -> str:
        """Return the weekday, the day and the time."""
        local = at.astimezone(self._zone)
        return f"{local:%A} {local.day} {local:%B, %H:%M}"


def mark_ends(*texts: Iterable[Span]) -> list[list[GivenSpan]]:
    """Return texts with the last piece of each passage marked."""
    lists = [list(text) for text in texts]
    last: dict[int, Span] = {
        span.number: span for text in lists for span in text if span.number is not None
    }
    return [
        [
            GivenSpan(
                span.text,
                span.number,
                span.first,
                last=span.number is not None and last[span.number] is span,
            )
            for span in text
        ]
        for text in lists
    ]


def _lighting() -> str:
    """Return the rules that light a passage and whoever rests on it, whichever is pointed at."""
    rules = [
        f"main:has(.r{n}:is(:hover,:focus-visible,:target)) .p{n},main:has(#p{n}:target) .p{n},"
        f"main:has(.p{n}:hover) .r{n}"
        for n in range(1, _PASSAGES + 1)
    ]
    return ",\n".join(rules) + "{background:var(--lit);border-bottom-color:var(--a)}\n"


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _cost(usd: Decimal | None) -> str:
    if usd is None:
        return "—"
    if not usd:
        return "nothing"
    return f"${usd:.2f}" if usd >= Decimal("0.01") else "<$0.01"
