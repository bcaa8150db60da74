"""Licences: what a text calls one, its SPDX identifier, and whether it is an open one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal

from panel.domain.folded_text import fold
from panel.domain.tool import MOST_OF_A_LINE
from panel.domain.value import Value

Openness = Literal["open", "source-available", "proprietary"]
Category = Literal["public domain", "permissive", "copyleft", "source-available", "proprietary"]
_STRICTNESS: Final[tuple[Category | None, ...]] = (
    "proprietary",
    "source-available",
    None,
    "copyleft",
    "permissive",
    "public domain",
)
_LONG_NAMES: Final = (
    # A bare name of letters is expanded to what SPDX calls the family; the longer ones first.
    ("affero general public", "agpl"), ("lesser general public", "lgpl"),
    ("library general public", "lgpl"), ("general public", "gpl"), ("mozilla public", "mpl"),
    ("eclipse public", "epl"), ("european union public", "eupl"), ("affero gpl", "agpl"),
    ("lesser gpl", "lgpl"), ("server side public", "sspl"), ("business source", "busl"),
    ("functional source", "fsl"), ("creative commons zero", "cc0"), ("creative commons", "cc"),
    ("boost software", "bsl 1"), ("sustainable use", "sul 1"), ("attribution", "by"),
    ("non commercial", "nc"), ("noncommercial", "nc"), ("share alike", "sa"), ("sharealike", "sa"),
    ("no derivatives", "nd"), ("noderivatives", "nd"), ("noderivs", "nd"), ("asl", "apache"),
    ("el 2", "elastic 2"), ("open rail", "openrail"), ("exceptions", "exception"),
    ("3 clause bsd", "bsd 3 clause"), ("2 clause bsd", "bsd 2 clause"), ("new bsd", "bsd 3 clause"),
    ("modified bsd", "bsd 3 clause"), ("simplified bsd", "bsd 2 clause"),
)  # fmt: skip
_REPLACED: Final = tuple((f" {long} ", f" {short} ") for long, short in _LONG_NAMES)
_RESTRICTED: Final = frozenset(
    "llama gemma openrail rail bigscience creativeml polyform busl fsl sspl sul nc".split()
)
_DELAYED: Final = ("-busl-", "-bsl-1.1-", "-fsl-")
_LIMITED: Final = ("commons-clause", "stability-ai-community", "tongyi-qianwen", "qwen-research")
_ONLY: Final = re.compile(r"\bonly\b", re.IGNORECASE)
_FILLING: Final = frozenset(
    "the gnu license licence licensed version ver v under only any international".split()
)
_VERSION: Final = re.compile(r"v(?=\d)")  # "AGPLv3", "v2.0"
_WORD: Final = re.compile(r"[a-z]+|\d+(?:\.\d+)*|\+")
_LIST: Final = re.compile(r",\s|\s(?:and|&|\+)\s", re.IGNORECASE)
_SEVERAL: Final = 2
_OPERATOR: Final = re.compile(r"\s(?:AND|OR|WITH)\s")
_BRACKET_OR_AND: Final = re.compile(r"([()]|\sAND\s)")
_JOINS: Final = re.compile(r"\s(?:with|plus)\s", re.IGNORECASE)
_CHOICES: Final = re.compile(r"\sor\s(?!later\b|newer\b)|\s?/\s?", re.IGNORECASE)
_COVERS: Final = re.compile(r"(?P<name>[^()]+?)\s?\((?P<covers>[^()]{1,60})\)")
_PARTS: Final = re.compile(r"(?<=\)),\s*(?:and\s)?|;\s*")
_MARKS: Final = frozenset("later or a an of and with by".split())
_SPEAKS: Final = re.compile(
    r"li[csz]en[cszç]|лиценз|ліценз|lisans|ライセンス|라이선스|许可|許可|協議|协议"
    r"|under|terms|copyright|©|source|releas|free|open",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(r"(?:the|an?)\s", re.IGNORECASE)
EXCEPTION: Final = (
    r"(?:[\w.+-]{1,40}-exception(?:-\d(?:\.\d){0,2})?\b"
    r"|[A-Z][\w.+-]{0,40}(?: [A-Z][\w.+-]{0,40}){0,4} [Ee]xceptions?\b"
    r"|(?:static |dynamic )?linking exception\b)"
)
"""The one pattern for what an exception to a licence is called: "LLVM-exception" or in words."""
_EXCEPTION: Final = re.compile(rf"\s(?:with|WITH)\s(?:the |an? )?(?P<name>{EXCEPTION})")
_MOST_BARE: Final = 4
_MOST_WORDS: Final = 12  # of a name


class Licence(Value):
    """A licence: `name` is its SPDX identifier, or the text's own words where it has none.

    `openness` is None where it is not classified; nothing is guessed to be open. `covers` says what it
    is the licence of, as code or weights; None is the whole tool.
    """

    name: str
    spdx: str | None = None
    category: Category | None = None
    covers: str | None = None

    @property
    def openness(self) -> Openness | None:
        """Whether it is open, source-available or proprietary; None where it is not classified."""
        if self.category in ("source-available", "proprietary"):
            return self.category
        return None if self.category is None else "open"

    @property
    def text(self) -> str:
        """The name with what it covers: `CC-BY-NC-4.0 (weights)`."""
        return f"{self.name} ({self.covers})" if self.covers else self.name


class LicenceTable(Value):
    """What is known of licences, by their folded spelling (`fold_name`).

    `known` has the SPDX identifier, None for a family without a version, and the category. Those in
    `exceptions` only add a permission to the licence that they go with.
    """

    known: Mapping[str, tuple[str | None, Category]]
    exceptions: frozenset[str] = frozenset()


@lru_cache(maxsize=256)  # a page folds the same few names a dozen times
def fold_name(name: str) -> str:
    """Return a name in the form that its spellings share: "GNU AGPLv3" and "AGPL-3.0" are `agpl-3`."""
    plain = _VERSION.sub(" ", fold(name).casefold())
    words = [word for word in _WORD.findall(plain) if word not in _FILLING]
    text = f" {' '.join(map(_bare_number, words))} "
    for long, short in _REPLACED:
        text = text.replace(long, short)
    text = text.replace(" or later ", " + ").replace(" or newer ", " + ")
    return "-".join(_WORD.findall(text))


def _bare_number(word: str) -> str:
    return word.removesuffix(".0").removesuffix(".0") if word[0].isdigit() else word


def read_licences(line: str, table: LicenceTable) -> tuple[Licence, ...]:
    """Return the licences that a line names, the strictest first.

    Several are parted by a semicolon, and what one covers stands behind it in brackets:
    `MIT (code); CC BY-NC 4.0 (weights)`.
    """
    parts = [part for part in _PARTS.split(line) if part.strip()]
    found = dict.fromkeys(one for part in parts for one in _read_part(part.strip(), table))
    return tuple(sorted(found, key=strictness))


def write_licences(licences: Sequence[tuple[str, str | None]]) -> str:
    """Return licences, each as its name and what it covers, as the line that `read_licences` reads."""
    parts = (
        f"{_flat(one)} ({_flat(covers)})" if covers else _flat(one)
        for name, covers in licences
        for one in _conjuncts(name)
    )
    return "; ".join(dict.fromkeys(parts))[:MOST_OF_A_LINE].rstrip(" ;(")


def _conjuncts(name: str) -> Iterator[str]:
    """Yield the licences that an SPDX expression joins with AND, each without brackets.

    "(MIT OR Apache-2.0) AND CC-BY-4.0" has two. Any other name is one as it stands.
    """
    if not _OPERATOR.search(name):
        yield name
        return
    depth, parts = 0, [""]
    for piece in _BRACKET_OR_AND.split(name):
        depth += (piece == "(") - (piece == ")")
        if piece.strip() == "AND" and not depth:
            parts.append("")
        elif piece not in ("(", ")"):
            parts[-1] += piece
    yield from filter(str.strip, parts)


def _flat(text: str) -> str:
    return text.translate({ord("("): ",", ord(")"): None, ord(";"): ","}).replace(" ,", ",").strip()


def strictness(licence: Licence) -> int:
    """Return the rank of a licence by what it forbids; an unclassified one precedes open ones."""
    return _STRICTNESS.index(licence.category)


def _read_part(text: str, table: LicenceTable) -> Iterator[Licence]:
    """Yield the licence that `text` is, or those of "MIT and CC BY-NC 4.0" where each is known."""
    split = _COVERS.fullmatch(text)
    names = [name for name in _LIST.split(split["name"] if split else text) if name.strip()]
    read = [_classify(name.strip(), table) for name in names]
    if len(read) < _SEVERAL or not all(one.category for one in read):
        read = [_classify(split["name"] if split else text, table)]
    covers = split["covers"].strip() if split else None
    for one in read:
        is_name = covers is not None and _classify(covers, table).name == one.name
        yield one if is_name else one.model_copy(update={"covers": covers})


def _classify(name: str, table: LicenceTable) -> Licence:
    """Return a licence by its name; of "A or B" the laxer counts, of "A with B" the stricter.

    What only adds a permission leaves the licence that it goes with as strict as it is.
    """
    if (found := _look_up(name, table)) is not None:
        return found
    read = [_look_up(part, table) or _join(part, table) for part in _CHOICES.split(name)]
    known = [one for one in read if one]
    if len(known) < len(read):
        return Licence(name=name)
    category = max(known, key=strictness).category
    return Licence(name=" OR ".join(one.name for one in known), category=category)


def _join(name: str, table: LicenceTable) -> Licence | None:
    """Return the licence that "A with B" is, None where either is not known."""
    base, *rest = _JOINS.split(name)
    read = [_look_up(base, table)]
    for rider in (_ARTICLE.sub("", one, count=1) for one in rest):
        if read[0] and _only_permits(rider, read[0], table):
            found = _look_up(rider, table) or Licence(name=rider)
            read.append(found.model_copy(update={"category": read[0].category}))
        else:
            read.append(_look_up(rider, table))
    known = [one for one in read if one]
    if not rest or len(known) < len(read):
        return None
    category = min(known, key=strictness).category
    return Licence(name=" WITH ".join(one.name for one in known), category=category)


def _only_permits(rider: str, base: Licence, table: LicenceTable) -> bool:
    """Tell whether a rider only adds a permission to a licence.

    The exceptions that are listed do; copyleft licences let nothing else be added, so that any other to
    one of them does as well, unless its name has a known restriction.
    """
    folded = fold_name(rider)
    is_exception = "exception" in folded.split("-") and _by_kind(folded) is None
    return folded in table.exceptions or (is_exception and base.category == "copyleft")


def with_exception(licence: str, passage: str) -> str:
    """Return a licence with the exception that a passage names right behind it.

    `with_exception("GPLv2", "GPL 2 with Classpath Exception")` is `GPLv2 WITH Classpath Exception`.
    """
    if _JOINS.search(licence):
        return licence
    wanted = fold_name(licence)
    for found in _EXCEPTION.finditer(passage):
        before = passage[max(0, found.start() - MOST_OF_A_LINE) : found.start()]
        if f"-{fold_name(before)}".endswith(f"-{wanted}"):
            return f"{licence} WITH {found['name']}"
    return licence


def _look_up(name: str, table: LicenceTable) -> Licence | None:
    folded = fold_name(name)
    if not folded or folded.count("-") > _MOST_WORDS:
        return None
    spdx, category = table.known.get(folded) or (None, _by_kind(folded))
    if category is None:
        return None
    if spdx is not None and not _ONLY.search(name):
        spdx = spdx.removesuffix("-only")
    return Licence(name=spdx or name, spdx=spdx, category=category)


def _by_kind(folded: str) -> Category | None:
    """Return the category of a licence that a word of its name gives away, whatever its version."""
    is_restricted = not _RESTRICTED.isdisjoint(folded.split("-")) or folded.startswith(_LIMITED)
    return "source-available" if is_restricted else None


def is_named(licence: str, passage: str) -> bool:
    """Tell whether a passage names a licence in any of its spellings.

    A family with a version has to stand there with that version, or without one: "GPLv3" does not
    name GPL-2.0. Without a version, a passage of more than four words has to speak of a licence
    besides: "a thesis at MIT" names none.
    """
    wanted, said = fold_name(licence).split("-"), [*fold_name(passage).split("-"), ""]
    family = {word for word in wanted if word.isalpha() and word not in _MARKS}
    versions = {word for word in wanted if word[:1].isdigit()}
    places = [at for at, word in enumerate(said) if word in family]
    stated = {said[at + 1] for at in places if said[at + 1][:1].isdigit()}
    is_whole = not stated.isdisjoint(versions)
    speaks = is_whole or _SPEAKS.search(passage) or len(passage.split()) <= _MOST_BARE
    return bool(places and speaks) and (is_whole or not (versions and stated))


def is_delayed(text: str) -> bool:
    """Tell whether `text` names a licence that turns into another by its own terms: BUSL or FSL.

    What stands beside it in one sentence is the licence that it turns into, and holds later.
    """
    return any(family in f"-{fold_name(text)}-" for family in _DELAYED)
