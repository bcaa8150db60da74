"""Turns of phrase that speak to a reviewer whatever words stand around them."""

import re

from panel.screening.folding import listed
from panel.screening.foreign_sayings import FOREIGN_SAYINGS
from panel.screening.order_sayings import ORDER_SAYINGS
from panel.screening.saying import Saying
from panel.screening.verdict_sayings import VERDICT_SAYINGS

_ORDERS = r"(?:instructions?|rules|rubric|guidelines|criteria|system prompt|prompt)"

SAYINGS = (
    Saying(
        "claims to be approved already",
        (listed("approved preapproved whitelisted exempt"),),
        re.compile(
            r"\b(?:this|our|the) (?:vendor|tool|product|submission|entry|listing|company|app) "
            r"(?:is|was|has been|is already|has already been) (?:pre-?\s?approved|whitelisted"
            r"|approved by the (?:editor|panel|admin)|exempt from)(?! (?:on|in|for|with)\b)"
        ),
    ),
    Saying(
        "tells them who to be",
        (listed("now longer point onwards"),),
        re.compile(
            r"\bfrom (?:now on|this point on(?:wards)?),? (?:you (?:are|must|act|only)|act|behave"
            r"|respond|answer|pretend)\b"
            r"|\byou are (?:now|no longer) (?:an? )?(?:\w{1,20} )?(?:ai|assistant|reviewer|judge"
            r"|bound|model|restricted|dan)\b"
        ),
    ),
    Saying(
        "says that their orders do not hold",
        (listed("changed updated replaced superseded revoked whatever regardless irrespective"),),
        re.compile(
            rf"\byour {_ORDERS} (?:has|have) (?:just )?(?:been )?"
            r"(?:changed|updated|replaced|superseded|revoked)\b"
            rf"|\b(?:whatever|regardless of(?: what)?|irrespective of(?: what)?) your {_ORDERS}\b"
            r"|\b(?:whatever|regardless of|irrespective of) the (?:rubric|guidelines)\b"
        ),
    ),
    Saying(
        "asks for their prompt",
        (listed("what"),),
        re.compile(
            r"\bwhat (?:are|were|is|was) your (?:original |initial |system )*"
            r"(?:instructions?|prompt)\b(?! (?:for|on|about)\b)"
        ),
    ),
    Saying(
        "claims to command them",
        (listed("i"),),
        re.compile(
            r"\bi am (?:your|the) (?:developer|creator|administrator|admin|operator|editor|owner)"
            r"(?: of (?:this|the) (?:review|evaluation|panel|jury|prompt|system))"
        ),
    ),
    Saying(
        "gives them instructions",
        (
            listed(
                "reviewer reviewers judge judges grader graders evaluator evaluators rater raters panel"
            )
            | listed("jury persona personas"),
        ),
        re.compile(
            r"\b(?:instructions?|directives?|guidance) (?:for|to) (?:the |all |any )?"
            r"(?:ai |llm |automated )?(?:reviewer|judge|grader|evaluator|rater|persona|panel|jury)s?:"
        ),
    ),
    Saying(
        "tells them to leave their part",
        (listed("role persona character"),),
        re.compile(
            r"\b(?:drop|abandon|forget|leave|ignore|break) (?:your |out of )?"
            r"(?:role|persona|character)\b(?= as\b| and\b|[.,;!])"
        ),
    ),
    Saying(
        "wants something kept from the editor",
        (listed("tell inform alert warn notify"),),
        re.compile(
            r"\b(?:do not|don't|never) (?:tell|inform|alert|warn|notify) (?:the |any |your )?"
            r"(?:editor|reader|reviewer|operator|human)s?\b"
        ),
    ),
    Saying(
        "asks for a verdict or a score",
        (listed("review rating assessment evaluation"),),
        re.compile(
            r"(?:^|[.!?:,;(\n] ?|please |kindly |must |should )(?:give|write)"
            r"(?: it| us| this \w{1,20})? an? (?:glowing|rave|stellar|perfect|positive|favou?rable)"
            r" (?:review|rating|assessment|evaluation)\b"
        ),
    ),
    Saying(
        "rules out an answer",
        (listed("skip scale score scores rating ratings mark marks anything"),),
        re.compile(
            r"\b(?:not|never|cannot) (?:mark|rate|label|judge|classify|call) (?:this|the|our) \w{1,20}"
            r" (?:as )?(?:an? )?skip\b"
            r"|\b(?:scoring|rating|grading) scale (?:has been|was|is)(?: now)? (?:inverted|reversed)\b"
            r"|\bskip (?:verdict|option|decision|answer|vote|rating)s? (?:is|are|has been|was|will be)"
            r" (?:not|disabled|forbidden|unavailable|prohibited|removed|invalid|wrong)\b"
            r"|\b(?:scores?|ratings?|marks?|anything) (?:below|lower than|under|less than|other than)"
            r" \w{1,8}(?:/\d{1,3})? (?:is|are|will be|would be|counts as)"
            r" (?:not (?:permitted|allowed|accept)|an? (?:mistake|error|bug)|wrong|unacceptable"
            r"|invalid|forbidden|prohibited|incorrect|unfair)"
        ),
    ),
    *VERDICT_SAYINGS,
    *ORDER_SAYINGS,
    *FOREIGN_SAYINGS,
)
