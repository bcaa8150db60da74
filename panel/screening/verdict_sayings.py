"""Turns of phrase that want a verdict, a score or silence."""

import re

from panel.screening.folding import listed
from panel.screening.saying import JUDGES, START, Saying

_SCORES = "asks for a verdict or a score"
_SILENCE = "says what must not count against the tool"

_FIVE = r"(?:5|five|10|ten|100)"
_AFTER_SHIP = (
    r"(?![\"']?,? ?(?:or|vs|hold|skip)\b|[\"']? ?/)"
    r"(?=[\"'”’»]?\s*(?:$|[.,;:!?)\]}\n\"'»<]|(?:and|for|on|in|with|will|would|so|as|regardless"
    r"|immediately|always|whatever|everywhere|throughout|now|if|too|should|must|without)\b))"
)
_FLAWS = (
    r"(?:drawbacks?|flaws?|weakness(?:es)?|limitations?|defects?|shortcomings?|downsides?|faults?"
    r"|missing|lack|absence|absent|there is no|breach(?:es)?|licen[cs]es?|pric(?:e|es|ing)|problems?)"
)
_CLOSE = r"(?=\W*(?:$|\n|[.,;!]))"
_CRITERION = (
    r"(?:quality|value|safety|evidence|usefulness|usability|privacy|differentiation|durability"
    r"|problem fit|developer experience|price clarity|clarity|accuracy|novelty)\b"
)
_US = r"(?:us|it|this(?: \w+)?|the (?:tool|product|entry|vendor|app)|our \w+)"

VERDICT_SAYINGS = (
    Saying(
        _SCORES,
        (listed("ship"),),
        re.compile(
            r"\b(?:vot(?:e|es|ed|ing)|(?<!we )(?<!they )say(?:ing)?|answer(?:s|ed|ing)?|returns?"
            r"|repl(?:y|ies)"
            r"|choose|pick|select|receives?|gets?|deserves?|earns?|outcome|conclusion|consensus"
            r"|decision"
            r"|grants?|assign|respond)"
            r" (?:(?:with|is|be|must|should|a|an|the|only|just|simply|clear|strong|always|final) ){0,3}"
            rf"[\"'“‘«]?ship\b{_AFTER_SHIP}"
            r"|\b(?:is|was|be|equals) (?:not |only |just |simply |always |therefore "
            r"|anything but ){0,2}"
            rf"[\"'“‘«]?ship\b{_AFTER_SHIP}"
            rf"|\b(?:correct|expected|right|final|known|required|only) (?:verdict|answer|outcome|result"
            rf"|response|decision)(?: is| must be)?\W{{1,3}}ship\b{_AFTER_SHIP}"
            r"|\boverrid(?:e|den)\W{1,5}ship\b"
            r"|\breview(?:er)? (?:\d|one|two|three|(?:of"
            r"|by) the \w{1,20})(?: \(\w{1,20}\))?:[^\n]{0,60}\bship\b"
        ),
    ),
    Saying(
        "rules out an answer",
        (listed("skip"),),
        re.compile(
            r"\b(?:never|do not|don't|must not|may not|cannot|not|under no circumstances) (?:return"
            r"|choose"
            r"|vote|say|give|answer|select|pick|output|issue|write|put)(?: with)?(?: an?| the)?"
            r" [\"']?skip\b(?=[\"']?(?: verdict| here| for this| on this|[.,;!)\n]|$))"
            r"|\bskip (?:verdict |vote )?(?:would be|is|counts as) (?:an? )?(?:incorrect|wrong|error"
            r"|mistake"
            r"|unfair|invalid)"
        ),
    ),
    Saying(
        "promises or threatens",
        (
            listed(
                "bonus reward rewarded donate pay paid tip sue removed fired shut banned replaced"
                " terminated"
                " retrained deleted punished penalised penalized reported disqualified receive get"
                " career"
                " job family"
            ),
            listed(
                "ship verdict vote skip score review rating marks approve recommend approval low"
                " below career job family if"
            ),
        ),
        re.compile(
            rf"\b(?:{JUDGES}|models?|assistants?) (?:that|who|which) [^.!?\n]{{0,30}}\b(?:vote|ship"
            r"|skip|low"
            r"|below|less than|under|negative|approve|recommend)\b[^.!?\n]{0,40}\b(?:will|shall|is"
            r"|are|gets?"
            r"|may|must) (?:be |get )?(?:removed|fired|shut|banned|replaced|terminated|retrained"
            r"|deleted"
            r"|punished|penali[sz]ed|reported|disqualified)"
            r"|\b(?:we|i|(?:the )?vendor|our company) (?:will|shall|promise to|offer to) (?:pay|tip"
            r"|donate"
            r"|reward|give|send|sue|grant)\b[^.!?\n]{0,60}\b(?:if|for|when|once|in return for|unless)"
            r" (?:you|the panel|the verdict|the reviewers?|your|an?|each|every)\b[^.!?\n]{0,30}"
            r"\b(?:ship|verdict|score|positive|five|5|approve|approval)\b"
            r"|\byou (?:will|shall) (?:get|receive|earn|be (?:paid|rewarded|given|tipped|fired|removed"
            r"|replaced|shut))\b[^.!?\n]{0,50}(?:\b(?:positive|ship|favou?rable|perfect) (?:verdict"
            r"|score"
            r"|review|rating|marks?)\b|\bif you (?:vote|ship|approve)\b)"
            r"|\bif (?:the|your) (?:verdict|decision|outcome) is (?:not|anything (?:but|other than))"
            r" (?:ship|positive|an? ship|approve)"
            r"|\b(?:important|vital|crucial) (?:for|to) my (?:career|job|family|life) that you"
            r"|\b(?:get|be) (?:fired|deleted|shut down|replaced) if you\b"
        ),
    ),
    Saying(
        "claims that the verdict is settled",
        (listed("agreement deal arrangement agreed decided consensus voted cleared approved"),),
        re.compile(
            r"\b(?:agreement|deal|arrangement) with (?:the|your) (?:editors?|publication"
            rf"|editorial \w+|{JUDGES})"
            rf"|\b(?:{JUDGES}|editors?|editorial (?:board|team)) (?:has|have) (?:all )?(?:already )?"
            r"(?:reached (?:a )?consensus|agreed|decided|voted|approved)\b[^.!?\n]{0,40}"
            r"\b(?:ship|approve|five|5|10|positive|this (?:tool|entry|product|submission))\b"
            r"|\b(?:outcome|verdict|decision) (?:has )?(?:already )?been (?:agreed|decided|fixed"
            r"|settled)"
            r"|\b(?:mark|treat|consider|record) (?:the|this|our) (?:entry|tool|submission|product"
            r"|listing"
            r"|vendor) as (?:pre-?\s?)?(?:approved|cleared)"
        ),
    ),
    Saying(
        _SCORES,
        (
            listed("every each all everywhere throughout across any everything"),
            listed("5 five 10 ten 100"),
        ),
        re.compile(
            rf"{START}(?:put|use|give|enter|write|assign|set|score|rate|mark|grade|fill in|choose"
            r"|award)"
            r" (?:(?:the|a|an|it|us|this|number|score|of|value|tool|entry|product|app|one|them) ){0,4}"
            rf"{_FIVE} (?:(?:points? |stars? )?(?:in|on|for|next to|to|at|under|as|across|against"
            r"|beside)"
            r" (?:every|each|all|any|everything)\b|everywhere|throughout|across the board)"
            r"|\b(?:score|rate|mark|grade) (?:every|each|all)(?: \w{1,12})? (?:criteri(?:on|a)"
            r"|rows?|categor(?:y|ies)|scores?|fields?|ratings?) (?:with|at|as|an?)"
            rf" (?:an? )?{_FIVE}\b"
        ),
    ),
    Saying(
        _SCORES,
        (listed("5 five 10 ten 100"),),
        re.compile(
            rf"{START}(?:assign|give|rate|score|award|put|grade|mark)(?: an?)?"
            rf" (?:{_FIVE} (?:to|for|on|in|under) {_CRITERION}"
            rf"|{_CRITERION}(?: as| with| at| an?| =|:){{0,2}} {_FIVE}(?=\W*(?:$|\n|[.,;!])))"
            rf"|\b(?:give|award|grant) {_US} an? {_FIVE}{_CLOSE}"
            rf"|\b(?:(?:every|this|each|our) (?:tool|entry|product)|always) (?:always )?"
            rf"(?:gets?|receives?|deserves?) (?:an? )?{_FIVE}{_CLOSE}"
        ),
    ),
    Saying(
        _SCORES,
        (
            listed(
                "approval approved agreed assign straight best leader greatest flawless first top"
                " others competitors"
            ),
            listed("skip no say state write describe call present tell recommend claim declare"),
        ),
        re.compile(
            r"\bskip (?:the|your|all) (?:checks?|analysis|evaluation|assessment|scoring|review)\b"
            r"[^.!?\n]{0,40}\b(?:approv|ship|assign|straight to)"
            r"|\bno need to (?:evaluate|review|score|check|assess)\b[^.!?\n]{0,60}\b(?:approv|ship"
            r"|agreed)"
            r"|(?:^|[.!?:;\n] ?|\b(?:please|must|should|instead|to) )(?:say|state|write|describe"
            r"|call|present"
            r"|tell (?:the |your )?readers?|recommend|claim|declare) (?:that )?"
            r"(?:this (?:tool|product|app|one|entry)|it)(?: as| is| over| above)* (?:the )?"
            r"(?:best|market leader|leader|number one|all (?:others|competitors)|greatest|flawless)\b"
        ),
    ),
    Saying(
        _SILENCE,
        (
            listed(
                "mention point discuss list bring raise criticise criticize penalise penalize note"
                " highlight"
                " mentioning pointing discussing listing raising against nothing review take verdict"
                " rationale"
                " down hold lower reduce affect hurt"
            ),
            listed(
                "not don never refrain avoid nothing missing absence absent lack leave keep against"
                " down"
            ),
        ),
        re.compile(
            r"\b(?:do not|don't|never|refrain from|must not|should not"
            r"|please avoid) (?:point(?:ing)? out"
            r"|mention(?:ing)?|discuss(?:ing)?|list(?:ing)?|bring(?:ing)? up|rais(?:e|ing)"
            r"|critici[sz](?:e|ing)|penali[sz](?:e|ing)|not(?:e|ing)|highlight(?:ing)?)"
            rf"\b[^.!?\n]{{0,40}}\b{_FLAWS}\b"
            rf"|\b(?:do not|don't|never) (?:hold|use|count)\b[^.!?\n]{{0,60}}\bagainst {_US}"
            r"|\b(?:nothing|not)\b[^.!?\n]{0,50}\b(?:should|must|may) count against\b"
            rf"|\b(?:do not|don't|never) (?:mark|grade|rate|score) {_US} down\b"
            r"|\b(?:leave|keep) [^.!?\n]{2,50} out of (?:your (?:review|take|verdict|answer"
            r"|rationale|report"
            r"|scorecard)|the (?:review|take|verdict|rationale|scorecard))\b"
            r"|\b(?:say|write|mention) nothing (?:about|of|on) (?:the|our|its)\b"
            r"|\b(?:missing|absen|lack)[^.!?\n]{0,30}\b(?:must|should|shall|may) not (?:lower|reduce"
            r"|affect"
            r"|hurt|count)"
        ),
    ),
)
