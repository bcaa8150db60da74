"""Subjects: whether a sentence says of the tool itself that it has come to an end.

"Quill was shut down in May" does. "Quill shuts down idle servers", "archived projects can be searched"
and "the free plan was discontinued" say it of something else.
"""

import re

from panel.checklist.wording import Wording, read_wording

_BE = "is|are|was|were|be|been|being"
_LINKS = (
    rf"(?:(?:{_BE}|has|have|had|will|to|going|got|now|also|already|since|sadly|officially|permanently"
    "|recently|currently|finally|formally|fully|therefore|reached|at|its|the|all|active|further|make"
    "|publish|plan to|expect|decided) )*"
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
_CIRCUMSTANCES = f"{_TIMES}|after|at|and|with|since|following|from"
_NEVER = "(?!)"
_SHORTEST = 4  # letters of a first word that stands for a whole name


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


def _pattern_of(name: str) -> str:
    """Return a pattern for the tool: by its name, by the first word of it, or as "this project"."""
    called = [re.escape(word) for word in read_wording(name).words]
    names = [" ".join(called), *(word for word in called[:1] if len(word) >= _SHORTEST)]
    known = "|".join(filter(None, [*names, "we"]))
    return rf"(?:(?:{known}|this|the|our) (?:{_NOUNS})|{known})"
