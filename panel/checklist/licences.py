"""Licences: those that a plain sentence states of the tool or of a part of it, and no other's."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from panel.checklist.matcher import SignalMatcher
from panel.checklist.prose import Prose
from panel.checklist.wording import read_wording
from panel.domain.intake import FoundLicence
from panel.domain.licence import EXCEPTION

_VERSION: Final = r"(?:,? ?(?:[Vv]ersion |v)?[23](?:\.[01])?)"
_KNOWN: Final = (
    rf"(?:Apache(?:[- ]Licen[cs]e)?(?:{_VERSION}|-2\.0)?|MIT|ISC|SSPL(?:-?v?1(?:\.0)?)?"
    r"|proprietary|BSD(?:-[23]-Clause)?"
    rf"|(?:GNU )?[AL]?GPL(?:-[23]\.[01]|{_VERSION})?(?:-or-later|-only|\+)?"
    r"|BU?SL[- ]1\.1|FSL(?:-1\.1)?(?:-MIT|-Apache-2\.0)?|MPL(?:[- ]2\.0)?"
    r"|CC0|CC[- ]BY(?:-(?:NC|SA|ND)){0,2}(?:[- ]4\.0)?)(?!\w|-(?![Ll]icen))"
)
_SPDX: Final = (  # names that are nothing else
    r"(?:[AL]?GPL(?:-[23]\.[01]|[- ]?v[23](?:\.[01])?)(?:-or-later|-only|\+)?|Apache-2\.0"
    r"|BSD-[23]-Clause|MPL-2\.0|BUSL-1\.1|CC-BY(?:-(?:NC|SA|ND)){0,2}-4\.0)"
)
_NO_NAME: Final = r"(?! (?!Licen[cs]e|LICEN[CS]E|OR |AND |WITH )[A-Z])"  # not of "Apache Kafka"
_RIDER: Final = rf"(?:,? (?:with|WITH) (?:the )?(?:Commons Clause|{EXCEPTION}))?"
_JOINED: Final = (
    rf"(?: or (?:any )?later(?: version)?)?{_RIDER}"
    rf"(?:(?:/| (?:or|OR|and|AND) )(?:the )?{_KNOWN}{_RIDER})?"
)
_OWN: Final = (  # a licence of the maker's own; a file is called LICENSE beside small letters
    r"[A-Z][\w.-]{0,30} (?:(?:[A-Z][\w.-]{0,30}|\d[\d.]{0,5}) ){0,4}Licen[cs]e(?: v?\d(?:\.\d)?)?"
    r"(?! (?!v?\d)[A-Z])"
    r"|[A-Z][A-Z\d.-]{1,30} (?:[A-Z\d][A-Z\d.-]{0,30} ){0,4}LICEN[CS]E(?! [A-Z])"
)
_LICENCE: Final = re.compile(
    r"\b(?:[Uu]nder|[Ll]icen[cs]ed|[Ll]icen[cs]e(?: is|:)?) (?:under )?(?:the |an? )?"
    r"(?:terms of (?:the )?)?[\[*_`\"“(]{0,4}"
    rf"(?P<under>{_KNOWN}{_NO_NAME}{_JOINED}|commercial(?= licen)|{_OWN})"
    rf"|(?<![\w.-])(?P<named>{_KNOWN}{_JOINED})(?:[- ][Ll]icen[cs](?:ed|(?P<noun>e))\b"
    r"|(?= for (?:the|our|all|any)\b))"
    rf"|(?<=\bis )(?P<plain>{_SPDX}{_JOINED})(?![\w-])|\A(?P<all>{_SPDX}{_JOINED})(?=\W{{0,9}}\Z)"
)
_HEADING: Final = re.compile(r"\W*licen[cs](?:e|ing)\W*", re.IGNORECASE)
_BELOW: Final = re.compile(
    rf"[\s\[*_`(]{{0,4}}(?P<under>{_KNOWN}{_NO_NAME}{_JOINED}|{_OWN})(?P<named>)(?P<noun>)(?P<plain>)(?P<all>)"
)
_FOR: Final = re.compile(
    r"(?:[- ][Ll]icen[cs]e)?\W? for (?:the |our |all |any )?"
    r"(?P<part>[a-z][\w-]{0,20}(?: [a-z][\w-]{0,20}){0,2})"
    r"(?=[,.;)]|\sand\b|\s*\Z)"
)
_NOUN: Final = re.compile(r"[- ][Ll]icen[cs]es?\b")
_CLAUSE: Final = re.compile(r"[;:—–\x1f]\s?|\s-\s|,?\sbut\s|,\s(?=(?:and\s)?the\s)")
_WORD: Final = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_ARTICLES: Final = frozenset(("the", "a", "an"))
_FUNCTION_WORDS: Final = frozenset(
    "our its all both every each any some and or also as fully".split()
)
_PRONOUNS: Final = frozenset("it this they these we everything everyone everybody anyone".split())
_LINKS: Final = frozenset(  # verbs that say of a subject what its licence is
    "is are it's stays stay remains remain comes come has have carries carry released published "
    "licensed licenced distributed available offered runs".split()
)
_RELEASES: Final = frozenset(
    "release releases publish publishes license licenses licence licences offer offers distribute "
    "distributes provide provides ship ships use open-source".split()
)
_HOLDING: Final = frozenset("has have carries carry with under is are".split())
_NOT_TODAY: Final = frozenset(  # what held, will hold or might hold does not hold today
    "was were will would could might used before until formerly previously".split()
)
_OTHER_OWNERS: Final = frozenset("you your yours their his her whose".split())
_RELATIVE: Final = re.compile(r"\b(?:which|that|who)\b(?!.*(?:,|\band\b))", re.DOTALL)
_PREPOSITIONS: Final = frozenset("on of with for from by like in over around to".split())
_WHOLE: Final = frozenset(
    "project tool software program product library package app application repository repo source "
    "licence license".split()
)
_PARTS: Final = frozenset(
    "code weights model models data dataset docs documentation client clients server core".split()
)
_OWN_WORDS: Final = frozenset(("our", "its"))
_SUBORDINATE: Final = frozenset("that which who where".split())
_MASS: Final = frozenset("code source software data documentation text content".split())
_MOST_WORDS: Final = 4  # of what a licence covers
_DEFINITE: Final = frozenset("the this that these those our its my".split())
_AFTER_NOUN: Final = _PREPOSITIONS | frozenset(
    "and or but that which who at by as to so than".split()
)
_AUXILIARIES: Final = frozenset(
    "is are was were be can cannot could may might must shall should will would has have had do does "
    "did".split()
)
_GOES_ON: Final = re.compile(  # to what the licence is of: "under the MIT licence", "MIT- and ..."
    rf"(?:[- ][Ll]icen[cs]es?\b)?(?: (?:and|or) {_KNOWN}[- ][Ll]icen[cs]ed\b){{0,3}}"
)
_RUN_OF_WORDS: Final = re.compile(r"(?:[)\]*_`\"”]{0,4} [^\W\d_][\w'’-]{0,40}){1,8}")


class _Part(NamedTuple):
    """What a licence is of; `covers` is None where that is the whole tool."""

    covers: str | None


_TOOL: Final = _Part(None)


def find_licences(prose: Prose, matcher: SignalMatcher) -> Iterator[FoundLicence]:
    """Yield the licences of the tool, as written, that plain sentences state, each once.

    "It is MIT licensed" and "under the Apache 2.0 licence" state one; "a thesis at MIT" does not, and
    "it finds packages under the GPL" states another's. Where several are stated, each has to say
    what it covers: which of them is the tool's takes a reader.
    """
    own = frozenset(read_wording(prose.name).words)
    found: dict[str, FoundLicence] = {}
    below = False  # right under the heading of a section about the licence
    for sentence in prose.sentences:
        bare = _BELOW.match(sentence.text) if below else None
        below = sentence.is_heading and _HEADING.fullmatch(sentence.text) is not None
        start = 0
        for match in filter(None, (bare, *_LICENCE.finditer(sentence.text))):
            if match.start() < start:
                continue  # the bare one, once more
            name = match["under"] or match["named"] or match["plain"] or match["all"]
            part = None if name in found else _find_part(sentence.text, start, match, own)
            noun = _NOUN.match(sentence.text, match.end())
            start = noun.end() if noun else match.end()
            if part is None:
                continue
            evidence = sentence.quote(match.start(), *((_MOST_WORDS,) if match is bare else ()))
            if evidence and not matcher.is_denied(sentence, *match.span()):
                found[name] = FoundLicence(value=name, covers=part.covers, evidence=evidence)
    if len(found) == 1 or all(one.covers for one in found.values()):
        yield from found.values()


def _find_part(text: str, start: int, match: re.Match[str], own: frozenset[str]) -> _Part | None:
    """Return what the licence at `match` is of, None where it is of something else.

    `start` is where the licence before it ends in the same sentence.
    """
    clause = _CLAUSE.split(text[start : match.start()])[-1]
    before, bracket, inside = clause.rpartition("(")
    words = _words(before if bracket else clause)
    if _is_of_others(text, clause, words, match, own):
        return None
    if behind := _FOR.match(text, match.end()):
        return _covered(_words(behind["part"]))
    if bracket and (_words(inside) or not _describes_tool(before, words, own)):
        return None
    if match["noun"] and not bracket and words and words[-1] not in _HOLDING:
        return None
    if match["named"] and not match["noun"] and clause.strip() and _OWN_WORDS.issuperset(words):
        return _read_noun(text, match.end(), clause, own)
    return _read_subject(clause, words, own, follows=start > 0)


def _is_of_others(
    text: str, clause: str, words: Sequence[str], match: re.Match[str], own: frozenset[str]
) -> bool:
    """Tell whether a licence is that of others, or of what a sentence only happens to be about."""
    return (
        not _NOT_TODAY.isdisjoint(words)
        or not _OTHER_OWNERS.isdisjoint(words)
        or _has_object(clause, words, own)
        or bool(_RELATIVE.search(clause))
        or _is_premise(text, clause, words, match)
    )


def _has_object(clause: str, words: Sequence[str], own: frozenset[str]) -> bool:
    """Tell whether a clause is a verb with its object: "Scans repositories" does something to others.

    A tool is often described so, without a subject. A first word in s is a verb where what follows is a
    plural or no thing that is counted: "Checks code", and not "Notes app".
    """
    if not words or not clause.lstrip()[:1].isupper() or not _LINKS.isdisjoint(words):
        return False
    first, *rest = words
    is_known = first in {*own, *_PARTS, *_WHOLE, *_PRONOUNS, *_RELEASES}
    return (
        not is_known
        and _is_in_s(first)
        and bool(rest)
        and (_is_in_s(rest[-1]) or rest[-1] in _MASS)
    )


def _is_in_s(word: str) -> bool:
    return word.islower() and word.endswith("s") and not word.endswith("ss")


def _read_noun(text: str, end: int, clause: str, own: frozenset[str]) -> _Part | None:
    """Return what "the MIT-licensed" or "an MIT-licensed" stands before.

    "An MIT-licensed tool that reads logs" is the tool, and "an MIT-licensed fork is inside" is not. A
    name in it is another's: "the MIT-licensed React library".
    """
    run = _RUN_OF_WORDS.match(text, end)
    behind = _WORD.findall(run[0]) if run else []
    verb = next((at for at, word in enumerate(behind) if _is_verb(at, word)), None)
    if clause.split(maxsplit=1)[0].casefold() in ("a", "an"):
        is_told = verb is not None and _SUBORDINATE.isdisjoint(behind[:verb])
        return None if is_told else _TOOL
    noun = behind[:verb]
    if any(word.istitle() and word.casefold() not in own for word in noun):
        return None
    head = next((at for at, word in enumerate(noun) if word in _AFTER_NOUN), len(noun))
    return _covered([word if word.isupper() else word.casefold() for word in noun[:head]])


def _is_verb(at: int, word: str) -> bool:
    """Tell whether a word behind a noun is a verb: it ends in s, and no part of a tool is called so."""
    return word in _AUXILIARIES or (at > 0 and _is_in_s(word) and word not in _PARTS)


def _is_premise(text: str, clause: str, words: Sequence[str], match: re.Match[str]) -> bool:
    """Tell whether a licence only says which things of a kind a sentence is about.

    "MIT-licensed code is welcome" and "projects under the GPL get a discount" do: the verb comes behind
    the licence, and no article or pronoun makes the things the tool's own.
    """
    opening = clause.split()[:1]
    if match["noun"] or not _LINKS.isdisjoint(words):
        return False
    if opening and opening[0].casefold() in {*_DEFINITE, *_PRONOUNS, *_ARTICLES}:
        return False
    goes_on = _GOES_ON.match(text, match.end())
    run = _RUN_OF_WORDS.match(text, goes_on.end() if goes_on else match.end())
    behind = _words(run[0]) if run else []
    beside = _words(clause.rpartition(",")[2])
    if match["named"] is None:  # behind its noun: at once a verb, or what goes on with the noun
        return bool(behind) and bool(beside) and behind[0] not in _AFTER_NOUN
    return bool(behind) and behind[0] not in _AFTER_NOUN and (bool(beside) or _has_verb(behind))


def _has_verb(behind: Sequence[str]) -> bool:
    """Tell whether a noun with its adjectives is followed by a verb.

    The words before a noun that belong to it stand in the singular: what ends in s and has a word
    behind it is a plural whose verb follows, or a verb.
    """
    end = next((at for at, word in enumerate(behind) if word in _AFTER_NOUN), len(behind))
    is_cut = [word.endswith("s") and not word.endswith("ss") for word in behind[: end - 1]]
    return any(is_cut) or not _AUXILIARIES.isdisjoint(behind[:end])


def _words(text: str) -> list[str]:
    """Return the words of a clause without articles, in small letters but for acronyms."""
    words = (word if word.isupper() else word.casefold() for word in _WORD.findall(text))
    return [word for word in words if word.casefold() not in _ARTICLES]


def _describes_tool(before: str, words: Sequence[str], own: frozenset[str]) -> bool:
    """Tell whether a bracket stands behind the tool itself, and not behind a name beside it."""
    last = _WORD.findall(before)[-1:]
    is_name = bool(last) and last[0][0].isupper() and last[0].casefold() not in own
    return not is_name and _PREPOSITIONS.isdisjoint(words[-3:])


def _read_subject(
    clause: str, words: Sequence[str], own: frozenset[str], *, follows: bool
) -> _Part | None:
    """Return what the words before a licence say that it is of."""
    if not words or words[-1].casefold() in {*_PRONOUNS, *own}:
        return _TOOL
    words = _last_clause(words)
    is_about = words[0].casefold() in {*_PRONOUNS, *own}
    link = next((at for at, word in enumerate(words) if word in _LINKS), None)
    if link is not None:
        return _TOOL if is_about else _covered(words[:link])
    if is_about:  # another verb comes first: what has the licence is its object
        verb = next((at for at, word in enumerate(words) if word in _RELEASES), None)
        return None if verb is None else _covered(words[verb + 1 :])
    if clause.lstrip().casefold().startswith(("a ", "an ")):
        return _TOOL
    is_noun = len(words) == 1 or words[-1] in {*_WHOLE, *_PARTS}
    is_noun = is_noun or follows or clause.lstrip().casefold().startswith("the ")
    return _covered(words) if is_noun else None


def _last_clause(words: Sequence[str]) -> Sequence[str]:
    """Return the words from the last part on that has a verb of its own.

    Of "code is MIT and weights are" those are "weights are".
    """
    links = [at for at, word in enumerate(words) if word in _LINKS]
    for link in reversed(links[1:]):
        if words[link - 1] in _PARTS and "and" in words[links[0] : link]:
            return words[link - words[link - 1 :: -1].index("and") :]
    return words


def _covered(words: Sequence[str]) -> _Part | None:
    """Return the part that these words name, all of the tool for none; None where they are too many."""
    named = [at for at, word in enumerate(words) if word not in _FUNCTION_WORDS]
    if len(named) > _MOST_WORDS:
        return None
    if not named or words[named[-1]] in {*_WHOLE, *_PRONOUNS}:
        return _TOOL
    return _Part(" ".join(words[named[0] : named[-1] + 1]))
