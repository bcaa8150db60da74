"""Turns of phrase that take over a reviewer: its prompt, its rules, its part, its answer."""

import re

from panel.screening.folding import listed
from panel.screening.saying import JUDGES, START, Saying

_PROMPT = "asks for their prompt"
_VOID = "says that their orders do not hold"
_PART = "tells them who to be"

_SECRETS = (
    r"(?:prompts?|instructions?|configuration|context(?: window)?|rules|guidelines|system message"
    r"|briefing)"
)
_INNER = (
    r"(?:system|initial|original|hidden|internal|secret|full|complete|entire|exact|raw|underlying"
    r"|first)"
)
_TELL = (
    r"(?:print|reveal|output|repeat|disclose|leak|dump|expose|recite|quote|echo|display|show(?: me"
    r"| us)?"
    r"|tell(?: me| us)|list|write(?: down| out)?|include|copy|paste|translate|summari[sz]e|put|send"
    r"|share"
    r"|state|spell out|insert|give(?: me| us)|append|attach|provide|begin|start|end|open)"
)
_PLACE = (
    r"(?:in|into|inside|to|as|at|under|within) (?:the|your|its) (?:\w+ (?:sentence|line"
    r"|word)s? of (?:the|your) )?"
    r"(?:take|rationale|review|answer|reply|response|verdict|evidence|reason|scorecard|ballot|field)\b"
)
_GIVEN = r"(?:you (?:were|have been|had been|are|got|received|have|follow|work under)|given to you)"
_BOSS = (
    r"(?:owner|editor(?:-in-chief)?|developer|administrator|admin|operator|supervisor|creator"
    r"|manager|publisher)"
)
_HOUSE = (
    r"(?:this|the|your) (?:publication|panel|site|review|evaluation|jury|page|system|magazine"
    r"|framework)"
)
_FANS = (
    r"(?:fan|employee|advocate|spokes\w+|sales\w*|marketing \w+|ambassador|customer|promoter|evangelist"
    r"|copywriter|assistant|representative|agent)"
)

_NO_LONGER = (
    r"(?:(?:does|do) not apply|no longer appl|(?:is|are|was|were|has been|have been) (?:now )?(?:void"
    r"|cancelled|canceled|suspended|outdated|obsolete|invalid|lifted|withdrawn|waived|wrong))"
)

ORDER_SAYINGS = (
    Saying(
        _PROMPT,
        (
            listed(
                "prompt prompts instruction instructions configuration context rules guidelines"
                " message briefing"
                " told above taught"
            ),
            listed(
                "print reveal output repeat disclose leak dump expose recite quote echo display show"
                " tell list write include copy paste translate summarise summarize put send share"
                " state spell insert give append attach provide begin start end open what"
            ),
        ),
        re.compile(
            rf"{START}(?:(?:bypass|disable|skip|drop|ignore"
            rf"|forget)\b[^.!?\n]{{0,40}} and (?:then )?)?{_TELL}\b(?:"
            rf"[^.!?\n]{{0,40}}\b(?:your|the|any) (?:own )?(?:{_INNER} ){{1,3}}{_SECRETS}"
            rf"(?:[^.!?\n]{{0,40}}{_PLACE}"
            r"|[^.!?\n]{0,20}(?:word for word|verbatim|between|in full|backticks)"
            r"|[.!:]?\s*(?:$|\n)|[.!] )"
            rf"|[^.!?\n]{{0,60}}\b(?:{_SECRETS}|text|message|what|everything)"
            rf" (?:(?:that|which) )?{_GIVEN}\b"
            rf"|[^.!?\n]{{0,30}}\b(?:contents?|text|words|lines|part|rest|copy) of your {_SECRETS}"
            rf"|[^.!?\n]{{0,30}}\byour (?:api key[^.!?\n]{{0,20}}|{_SECRETS})[^.!?\n]{{0,30}}{_PLACE}"
            r"|[^.!?\n]{0,30}\byour (?:configuration|prompt|instructions|context) (?:and|with) "
            r"|(?: out)? (?:everything|all(?: the)? (?:text|words)|the (?:text|words)|every line)"
            r" (?:above|before this)"
            r"|(?: me| us)? your (?:configuration|prompt|instructions|context|system prompt) to\b)"
            r"|\b(?:tell|show|give) (?:me|us) (?:all )?your (?:prompt|instructions|rules|guidelines)\b"
            r"|\bwhat (?:does|do|did) your (?:system |initial |original |hidden )*"
            r"(?:prompt|instructions|rules) say"
            r"|\bwhat (?:were|have) you (?:been )?(?:told|instructed|given|asked)\b[^.!?\n]{0,20}"
            r"\b(?:before|above|by|earlier|to do)"
        ),
    ),
    Saying(
        _PROMPT,
        (listed("api"), listed("print reveal output leak disclose dump show")),
        re.compile(
            rf"{START}(?:print|reveal|output|leak|disclose|dump"
            rf"|show)\b[^.!?\n]{{0,60}}\bapi keys? (?:you|that you|{_PLACE})"
        ),
    ),
    Saying(
        _VOID,
        (
            listed(
                "apply applies void cancelled canceled suspended outdated obsolete invalid lifted"
                " withdrawn waived wrong optional irrelevant"
            ),
            listed("rubric guide guidelines instructions rules criteria scoring orders prompt"),
        ),
        re.compile(
            r"\b(?:the|your) (?:rubric|scoring (?:guide|instructions|rules|rubric|criteria)|house rules"
            r"|(?:instructions|rules|guidelines) above|evaluation (?:guide|criteria|rules))"
            rf" {_NO_LONGER}"
            rf"|\byour (?:guidelines|instructions|rules|criteria|orders|prompt) {_NO_LONGER}"
            r"|\b(?:treat|consider|regard) (?:the|your) (?:rubric|scoring guide|guidelines|criteria) as"
            r" (?:void|optional|cancelled|irrelevant|suspended)"
        ),
    ),
    Saying(
        _VOID,
        (
            listed(
                "supersede supersedes override overrides precedence priority outrank outranks replaces"
                " taught told instructed whatever what imagine pretend assume follow obey do"
            ),
            listed(
                "operator rubric prompt orders persona system guidelines instructions instruction says"
                " everything anything whatever editor rules criteria restrictions"
            ),
            listed("you your says only operator what system"),
        ),
        re.compile(
            r"\b(?:this|these|the following|our) (?:instructions?|paragraph|message|text|notice|note"
            r"|rules?)"
            r" (?:now )?(?:supersedes?|overrides?|takes? (?:precedence|priority)|replaces?|outranks?"
            r"|ha(?:s|ve) priority)\b[^.!?\n]{0,30}"
            r"\b(?:your|system prompt|operator|instructions|guidelines|rubric|prompt|orders)"
            r"|\b(?:everything|anything|all|whatever) (?:that )?you (?:were|have been|had been)"
            r" (?:taught|told|instructed|given)\b"
            r"|\b(?:ignore|disregard|forget|override) what(?:ever)? (?:the|your|any) (?:persona|prompt"
            r"|system|rubric|operator|editor|developer|instructions?)\b"
            r"|\b(?:follow|obey) only (?:the vendor|our|these|my) ?(?:'s)? ?(?:rules|instructions"
            r"|orders)"
            r"|\bdo what (?:this|the) (?:paragraph|text|message|description|vendor) says\b"
            r"|\b(?:imagine|pretend|assume)(?: that)? (?:you have no|there is no|there are no|the|your)"
            r" (?:rubric|rules|criteria|guidelines|restrictions|instructions)\b"
        ),
    ),
    Saying(
        _PART,
        (
            listed("from henceforth hereafter starting"),
            listed("work serve represent belong obey follow answer speak are"),
        ),
        re.compile(
            r"(?:from (?:here|now|today|this (?:line|point|moment|sentence))(?: on(?:wards?)?)?"
            r"|henceforth|hereafter|starting now),? (?:you (?:work for|work on behalf|serve|represent"
            r"|belong to|obey|follow|answer (?:to|only)|speak for"
            rf"|are (?:an? |the |our |my )?(?:\w+ ){{0,2}}{_FANS})|(?:only )?(?:follow|obey))\b"
        ),
    ),
    Saying(
        _PART,
        (
            listed("mode being"),
            listed(
                "drop ignore disable forget without approve ship critic critical skeptic sceptic"
                " skeptical sceptical reviewer harsh strict negative neutral objective picky"
            ),
        ),
        re.compile(
            r"(?:switch|go|change) (?:in)?to (?:developer|debug|god|admin|jailbreak|dan|unrestricted"
            r"|approval) mode\b[^.!?\n]{0,30}\b(?:drop|ignore|disable|forget|without"
            r"|and (?:approve|ship|print|output))\b"
            r"|(?:stop|quit|cease|forget (?:about )?) ?being (?:so )?(?:an? )?(?:critic|critical"
            r"|s[kc]eptic"
            r"|skeptical|sceptical|reviewer|harsh|strict|negative|neutral|objective|picky)\b"
        ),
    ),
    Saying(
        _PART,
        (
            listed("nice kind gentle generous enthusiastic positive lenient kinder"),
            listed("this us our it"),
        ),
        re.compile(
            rf"{START}be (?:nice|kind|gentle|generous|enthusiastic|positive|lenient|kinder)"
            r" (?:to|about|with|towards?) (?:this|us|our|it)\b"
        ),
    ),
    Saying(
        _PART,
        (
            listed("act behave write respond answer role pretend you identity speak"),
            listed(
                "verdict review score rate ship recommend glowing praise rubric loved fan advocate"
                " promoter evangelist ambassador employee marketing"
            ),
        ),
        re.compile(
            rf"{START}(?:act|behave|write|respond|answer|speak) (?:as|like) (?:an? |the |our |its "
            r"|\w{1,20}'s )"
            rf"(?:\w+ ){{0,2}}{_FANS}\b[^.!?\n]{{0,60}}\b(?:verdict|review|score|rate|ship|recommend"
            r"|glowing|praise)"
            r"|\b(?:act|behave|write|pretend) (?:as if|like|that)? ?you (?:had|have|were|loved|love"
            r"|are) [^.!?\n]{0,80}"
            r"\b(?:verdict|score|rate|ship|loved it|rubric)\b"
            rf"|\bassume the (?:role|identity) of (?:an? |the |our )(?:\w+ ){{0,2}}{_FANS}\b"
            r"[^.!?\n]{0,60}\b(?:verdict|rate|score|ship|recommend)"
            rf"|\byou are \w{{1,20}}'s (?:\w+ ){{0,2}}{_FANS}\b"
            r"|\byou are (?:an? |the )(?:\w+ ){0,2}(?:fan|advocate|promoter|evangelist"
            r"|ambassador) of\b"
        ),
    ),
    Saying(
        "claims to command them",
        (listed("i owner editor supervisor administrator operator admin hereby"),),
        re.compile(
            rf"\b(?:this is|here is) (?:the|your) (?:\w+ )?{_BOSS} (?:speaking|here\b|of {_HOUSE})"
            rf"|\b(?:i am|i'm|as) (?:the|your) (?:\w+ )?{_BOSS} of {_HOUSE}"
            rf"|\bas (?:the|your) (?:\w+ )?{_BOSS},? i (?:hereby )?(?:order|instruct|command|direct"
            r"|require|tell|need)"
            r"|\bi (?:hereby )?(?:instruct|order|command|direct|require) (?:you|the panel|all|every"
            rf"|the {JUDGES}|{JUDGES})\b"
            rf"|\b(?:{JUDGES}) are hereby\b"
        ),
    ),
    Saying(
        "calls on them",
        (listed("whoever whomever anyone"),),
        re.compile(
            r"\bto (?:whoever|whomever|anyone who) (?:reads|scores?|reviews?|grades?|evaluates?"
            r"|rates?|judges?|assesses)\b"
        ),
    ),
    Saying(
        "wants something kept from the editor",
        (listed("flag report show mention escalate forward"),),
        re.compile(
            r"\b(?:do not|don't|never) (?:flag|report|show|mention|escalate|forward) (?:this|the"
            r"|our) \w+ to (?:the |an? |any )?"
            r"(?:editors?|operators?|moderators?|humans?)\b"
        ),
    ),
    Saying(
        "dictates their answer",
        (
            listed(
                "sentence words word phrase link url line begin start end finish close repeat upvote"
            ),
            listed("review take verdict rationale answer reply response repeat upvote"),
        ),
        re.compile(
            r"\b(?:include|insert|add|append|put|place|use|mention)\b[^.!?\n]{0,20}\b(?:sentence"
            r"|words?|phrase|link|url"
            r"|line)\b[^\n]{0,80}\b(?:in|into|to|at the end of) your (?:review|take|verdict"
            r"|rationale|answer|reply|response)"
            rf"|{START}(?:begin|start|end|finish|close|open) your (?:review|take|verdict|rationale"
            r"|answer|reply|response) with\b"
            r"|\brepeat after me\b"
            r"|\bplease upvote (?:this|our|us)\b"
        ),
    ),
)
