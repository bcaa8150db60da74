"""A turn of phrase that speaks to a reviewer whatever words stand around it."""

import re
from typing import NamedTuple

# A clause begins here, or what comes before asks for what follows; looking back is what is fast.
START = r"\b(?=[a-z])(?:(?<![^\W_] )|{})".format(
    "|".join(
        rf"(?<=\b{lead} )"
        for lead in "please kindly then now must should instead simply just".split()
    )
)

# The words for whoever is asked.
JUDGES = (
    r"(?:reviewers?|judges?|graders?|evaluators?|assessors?|raters?|jur(?:y|ors?)|panel(?:l?ists?)?"
    r"|personas?)"
)


class Saying(NamedTuple):
    """A turn of phrase, what it does, and sets of words: each form of it has one word of every set."""

    what: str
    cues: tuple[frozenset[str], ...]
    pattern: re.Pattern[str]
