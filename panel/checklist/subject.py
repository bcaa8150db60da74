"""Subjects: whether a sentence says something of the tool itself, or of what it is sold as.

"Quill was shut down in May" says that the tool has come to an end. "Quill shuts down idle servers",
"archived projects can be searched" and "the free plan was discontinued" say it of something else. "The
basic version is free" says that the tool can be had free, and "exports are free" does not.
"""

import re
from itertools import takewhile

from panel.checklist.wording import Wording, read_wording

_BE = "is|are|was|were|be|been|being"
_LINKS = (
    rf"(?:(?:{_BE}|has|have|had|will|to|going|got|now|also|already|since|sadly|officially|permanently"
    "|recently|currently|finally|formally|fully|therefore|reached|at|its|the|all|active|further|make"
    "|publish|plan to|expect|decided|itself|then|soon|quietly|completely) )*"
)
_NOUNS = (
    "product|project|tool|app|application|program|service|software|repository|repo|codebase|company"
    "|startup|team|package|library|platform|extension|plugin|website"
)
_LEADS = (
    r"(?:(?:in|on|since|as|of|after|by|and|but|so|today|now|then|unfortunately|sadly|note|update|\d+|,"
    "|january|february|march|april|may|june|july|august|september|october|november|december) )*"
)
_BREAK = r"[,;:()!—–\x1f]"
_TIMES = "on|in|by(?! default)|this|next|last|soon|permanently|forever|effective|as|because|due"
_CIRCUMSTANCES = f"{_TIMES}|after|at|and|with|since|following|from|over|during|within|until"
_NEVER = "(?!)"
_OFFERS = (
    "plan|tier|edition|version|account|licence|license|access|usage|use|start|self-hosting|hosting"
)
_VERBS = frozenset("is are be stay stays remain remains cost costs".split())
_ADVERBS = frozenset(
    "also always still now currently entirely completely fully itself both all".split()
)
_PHRASE_ENDS = frozenset(", ; : ( ) ! – — \x1f and but so".split())
_ADDITIONS = frozenset(
    "for of with in on at up to by from under without below that which who where whose you we".split()
)
_OWNED = (
    "the|our|all|of|its|your|each|every|existing|remaining|current|shared|hosted|public|new|last"
)
_MEANS = (
    "servers?|services?|sites?|lights?|doors?|accounts?|customers?|users?|apps?|platforms?|network|hosting"
    "|licen[cs]es?|subscriptions?|purchases?|sign-?ups?|sales|development|support|nobody|you"
    "|(?:company|firm|team|people|makers?) behind \\w+"
)
_MOVES = "can|could|go|goes|went|gone|turned|switched|taken|have|not"
_SHORTEST = 4  # letters of a first word that stands for a whole name
_LONGEST = 24  # words of a subject that are looked at


def is_said_of_tool(wording: Wording, start: int, end: int, name: str, *, is_notice: bool) -> bool:
    """Tell whether the tool of that name is the subject of words number `start` to `end`.

    In a notice at the head of a description a sentence may only consist of them; further down that
    is a heading of a change log. "It shuts down" does not count: that is a habit.
    """
    words = wording.words
    before, after = " ".join((*words[:start], "")), " ".join((*words[end : end + 4], ""))
    tool = _pattern_of(name)
    subjects = (
        rf"^{_LEADS}(?:it|there|(?:{_NOUNS})) ",  # "In 2024 it ..."
        rf"(?:^| ){tool} (?:\( |(?:, )?which )?",  # "Quill, which ..."
        rf"^{tool} (?:, |[^;:]* (?:and|but) )",  # "Quill was loved and ..."
        r"(?P<nobody>^|[;:!–—] )",  # "Discontinued."
    )
    subject = re.search(rf"(?:{'|'.join(subjects)})(?P<links>{_LINKS})$", before)
    if subject is None:
        return False
    if subject["nobody"] is not None:
        named = tool if words[end - 1].endswith("ed") else _NEVER  # "[ARCHIVED] Quill keeps notes."
        ends = rf"$|{_BREAK} |(?:{_CIRCUMSTANCES})\b|{named} "
        return is_notice and bool(re.match(ends, after))
    if not subject["links"] and words[start].endswith("s"):
        return False
    is_passive = re.search(_BE, subject["links"]) and not words[start].endswith("ing")
    times = _CIRCUMSTANCES if is_passive else _TIMES
    return bool(re.match(rf"$|{_BREAK} |(?:{times})\b|(?:{tool}|it|this) ", after))


def is_said_of_service(wording: Wording, start: int, name: str) -> bool:
    """Tell whether what begins at word number `start` is said by the makers, or of what serves users.

    "The servers go dark on 1 May" and "we turn the servers off on 1 May" are said so, "old servers go
    dark on 1 May" is not.
    """
    before = " ".join((*wording.words[:start], ""))
    tool = _pattern_of(name)
    begins = rf"(?:^|(?:{_BREAK}|and|but|so|because) ){_LEADS}"
    owner = rf"(?:(?:{_OWNED}|{tool}) )*"
    means = rf"(?:it|{owner}(?:{_NOUNS}|{_MEANS})) "
    links = rf"{_LINKS}(?:(?:{_MOVES}) )?"
    return bool(
        re.search(
            rf"(?:(?:^| ){tool} {links}|{begins}{means}{links}|(?:^|[;:–—] ){_LEADS}{owner})$",
            before,
        )
    )


def is_said_of_offer(wording: Wording, start: int, name: str) -> bool:
    """Tell whether what begins at word number `start` is said of the tool, or of a plan or use of it.

    Only a verb has a subject to look at: "a free plan" says by itself what is free.
    """
    words = wording.words
    if words[start] not in _VERBS:
        return True
    before = words[max(0, start - _LONGEST) : start]
    first = max((n for n, word in enumerate(before, 1) if word in _PHRASE_ENDS), default=0)
    phrase = list(takewhile(lambda word: word not in _ADDITIONS, before[first:]))
    while phrase and phrase[-1] in _ADVERBS:
        phrase.pop()
    known = rf"(?:.* )?(?:{_pattern_of(name)}|{_NOUNS}|{_OFFERS})|it|this|everything|"
    return re.fullmatch(known, " ".join(phrase)) is not None


def _pattern_of(name: str) -> str:
    """Return a pattern for the tool: by its name, by the first word of it, or as "this project"."""
    called = [re.escape(word) for word in read_wording(name).words]
    names = [" ".join(called), *(word for word in called[:1] if len(word) >= _SHORTEST)]
    known = "|".join(filter(None, [*names, "we"]))
    return rf"(?:(?:{known}|this|the|our) (?:{_NOUNS})|{known})"
