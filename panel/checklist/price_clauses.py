"""The words around an amount: whether it is the tool's own price, and what it is the price of."""

import re

_TIERS = (
    "pro plus premium basic starter standard team teams business enterprise professional personal "
    "hobby solo individual family student studio lite growth scale max ultra advanced unlimited "
    "developer community cloud hosted private paid gold silver bronze annual yearly lifetime"
).split()
_KINDS = "plans?|tier|edition|version|licen[cs]e|projects?|service|subscription|membership"
_THINGS = "tools|apps|services|products|vendors|makers|companies|providers|platforms"
_NAME = r"[A-Z][\w.&-]*(?: [A-Z][\w.&-]*){0,2}"
_CHARGES = r"charges?|asks?(?: for)?|wants?|bills?|takes?"
_COSTS = r"costs?|(?:is|are)(?: priced at)?|starts? (?:at|from)|sells? for|goes? for"
_FILLERS = r"(?:(?:a|an|only|just|about|from|now|you|us) )*"
_BREAK = re.compile(
    r"[;:—–)]\s|,\s(?!(?:which|who|whose|at|with|now)\b)"
    r"|(?:^|(?<=\s))(?:but|yet|and|or|then|while|whereas|where)\s(?=\S)",
    re.IGNORECASE,
)
_RIVAL = re.compile(
    r"\b(?:unlike|compared (?:with|to)|in (?:comparison|contrast)|versus|vs|instead of"
    r"|(?<!less )(?<!more )than|(?:less|more) than(?! (?:just |only )?$)|replac(?:es?|ing)"
    r"|as opposed to|in place of|undercuts?|half (?:of |the price|what)|the same as|by hand"
    r"|beats?|competit\w+|rivals?|(?<!no )others|alternatives?|elsewhere|incumbents?|market leaders?"
    rf"|(?:other|most|similar|comparable) (?:{_THINGS})"
    r"|as (?:much|cheap|dear|expensive|good) as|(?:similar to|like|what) (?-i:[A-Z])\w*"
    r"|agenc(?:y|ies)|consultants?|freelancers?|hir(?:e|ing))\b",
    re.IGNORECASE,
)
_OTHER_SUM = re.compile(
    r"\b(?:rais(?:es?|ed|ing)|sav(?:es?|ed|ing)|worth|valued|valuation|revenue|funding|invested|fined"
    r"|budgets?|earn(?:s|ed)?|refund(?:s|ed)?|weigh(?:s|ing)?|spen(?:ds?|t|ding)|los(?:es?|t|ing)"
    r"|w[oi]ns?|prizes?|bount(?:y|ies)|awards?|gifts?|donat\w+|salar\w+|turnover|profits?|invoices?"
    r"|transactions?|receipts|used to (?:cost|be)|down from|(?:would|could) (?:otherwise )?(?:cost|pay)"
    r"|turns|credits? of|(?:cap|limit|ceiling|maximum)s? (?:of|at))\b[^.;]{0,24}$"
    r"|\b(?:not|was|were) (?:just |only )?$",
    re.IGNORECASE,
)
_NO_PRICE_AFTER = re.compile(
    r"(?i:\s?(?:[mk]\b|bn\b|million|billion))"
    r"|\s(?:off|less|cheaper|discount|(?:in |of )?(?:free )?credits?|gift|prize|bounty|bill|note|laptop"
    r"|phone|computer|camera|scanner|microphone|graphics card|machine)\b"
    rf"|\s(?![A-Z]{{3}}\b|(?i:{'|'.join(_TIERS)}|per|each)\b|\w+ (?:{_KINDS})\b)[A-Z]\w+"
)
_SUBJECT = re.compile(
    rf"(?:the |an? )?(?P<name>{_NAME})(?:(?P<takes>'s|,?(?: which| who)? (?:{_CHARGES}))"
    rf"|,?(?: which| who)? (?:{_COSTS}|at)) {_FILLERS}$"
)
_TAKER = re.compile(rf"[^.;,]{{0,30}}?\b(?:that|which) (?P<name>{_NAME}) (?:{_CHARGES}|costs?)\b")
_OWN = frozenset(
    "it we they this that there here which what who one you everything our the each pricing prices "
    "price plan plans tool app product service software".split()
)
_KIND = re.compile(_KINDS, re.IGNORECASE)
_TOKENS = re.compile(r"\b(cached input|input|output|prompt|completion)\b", re.IGNORECASE)
_PLAN = (
    rf"(?!(?:One|The|Our|An?|Each|Every) )(?:{_NAME}|{'|'.join(_TIERS)}) (?:{_KINDS})\b"
    rf"|(?:{'|'.join(tier.capitalize() for tier in _TIERS)})\b"
)
_PLAN_BEFORE = re.compile(
    rf"\b(?P<plan>{_PLAN})(?: is free\b[^.;:]{{0,60}}|:| \(|,? (?:{_COSTS}|at|for)\b)?[ ]?{_FILLERS}$"
)
_PLAN_AFTER = re.compile(rf"[^.;,]{{0,30}}?\bfor (?:the |an? )?(?P<plan>{_PLAN})")
_BOUND = re.compile(
    r"(?:(?:the|an?|our|one|each|every|its) )?(?P<subject>[\w'-]+(?: [\w'-]+){0,2}) "
    rf"(?:{_COSTS}) {_FILLERS}$",
    re.IGNORECASE,
)
_MOST_LABEL = 40
NO_LABEL = "price"


def is_own_price(before: str, after: str, name: str | None) -> bool:
    """Tell whether the amount between `before` and `after`, parts of one sentence, is a tool's price.

    It is not where its clause compares or speaks of a rival, or where the sum is no price. A
    name at the start of a clause is a rival's where it charges, unless it is the tool's `name`
    or a plan's; at the start of a sentence, where any word has a capital, it may cost something.
    """
    clause = _clause(before)
    if _RIVAL.search(clause) or _OTHER_SUM.search(before) or _NO_PRICE_AFTER.match(after):
        return False
    taker = _TAKER.match(after)
    if taker and _is_other(taker["name"], name):
        return False
    subject = _SUBJECT.match(clause)
    if subject is None or not _is_other(subject["name"], name):
        return True
    opens = clause == before and not subject["takes"]
    return opens and not (name and name.split()[0].casefold() in after.casefold())


def read_label(before: str, after: str, name: str | None) -> str:
    """Return what the price between `before` and `after` is for, where words bind it, or `price`."""
    tokens = _TOKENS.findall(_clause(before.rstrip(" :(")))
    if tokens:
        return str(tokens[-1]).casefold()
    plan = _PLAN_BEFORE.search(before) or _PLAN_AFTER.match(after)
    if plan:
        return plan["plan"][:_MOST_LABEL]
    bound = _BOUND.match(_clause(before))
    label = bound["subject"] if bound else NO_LABEL
    said = frozenset(label.casefold().split())
    return NO_LABEL if len(label) > _MOST_LABEL or said & (_OWN | _words(name)) else label


def _clause(before: str) -> str:
    """Return the end of a sentence's beginning that stands in one clause with what follows."""
    return _BREAK.split(before)[-1]


def _is_other(found: str, name: str | None) -> bool:
    """Tell whether a name is neither the tool's nor a plan's, nor a word like It."""
    words = _words(found) - frozenset(_TIERS)
    known = _OWN | _words(name)
    return bool(words) and not words & known and not any(map(_KIND.fullmatch, words))


def _words(text: str | None) -> frozenset[str]:
    return frozenset((text or "").casefold().split())
