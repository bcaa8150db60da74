"""The words that facts are read by: licences, categories, ways to begin, what is no tool."""

import re

_FLAGS = re.IGNORECASE | re.MULTILINE

LICENCES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.MULTILINE))
    for name, pattern in (
        (
            "Apache-2.0",
            r"\b[Aa]pache[- ]?(?:[Ll]icen[cs]e,? ?)?(?:[Vv]ersion |v)?2(?:\.0)?\b"
            r"|\b[Aa]pache licen[cs]e",
        ),
        (
            "AGPL-3.0",
            r"\bAGPL(?:-?v?3)?\b|\bAffero\b",
        ),
        (
            "LGPL",
            r"\bLGPL",
        ),
        (
            "GPL",
            r"\bGPL(?:-?v?[23])?\b|GNU General Public",
        ),
        (
            "MIT",
            r"\bMIT[- ][Ll]icen[cs]e|\bMIT(?=[),;/]| or |\.?$)|\bunder (?:the |an )?MIT\b"
            r"|\b[Ll]icen[cs]e(?: is|:)? MIT\b",
        ),
        (
            "BSD",
            r"\bBSD(?:-[23]-Clause)?\b(?=[- ]licen|[),;.]|$)|\bunder (?:the |a )?BSD\b",
        ),
        (
            "MPL-2.0",
            r"\bMPL\b|Mozilla Public",
        ),
        (
            "ISC",
            r"\bISC licen[cs]e",
        ),
        (
            "CC BY",
            r"\bCC[- ]BY(?!-)|Creative Commons Attribution",
        ),
        (
            "source-available",
            r"(?i:\bsource[- ]available|business source licen[cs]e)|\bBSL\b",
        ),
        (
            "proprietary",
            r"(?i:\bproprietary (?:licen[cs]e|software|code)|\bclosed[- ]source\b"
            r"|all rights reserved|\blicen[cs]e[sd]?(?: is|:|,| as)? proprietary\b"
            r"|(?<!which )\b(?:is|are|stays?|remains?) proprietary(?=[.,;:)]|$))",
        ),
        (
            "open source",
            r"(?i:\bopen[- ]sourced?\b(?<!not open.source)(?! (?:models?|intelligence|librar)))",
        ),
        (
            "open weights",
            r"(?i:\bopen[- ]weights?\b(?! field))",
        ),
    )
)
"""Names of licences, the more exact first; capitals count."""

CLOSED_LICENCES = frozenset({"proprietary", "source-available"})

CATEGORIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"\b(?:{pattern})", _FLAGS))
    for name, pattern in (
        (
            "Security",
            r"security|vulnerabilit|attacks?\b|polic(?:y|ies)\b|firewall|malware|phishing"
            r"|secrets? scan|red.team|encrypt|pentest|threat",
        ),
        (
            "Audio",
            r"transcri|speech|voice|audio|podcast|music\b|sound|text.to.speech|word error rate"
            r"|dictat",
        ),
        (
            "Images",
            r"pictures?\b|photos?\b|images?\b|illustration|background removal|upscal|pixels?\b"
            r"|headshot",
        ),
        (
            "Video",
            r"videos?\b|subtitle|footage|film\b|clips?\b|animation",
        ),
        (
            "Writing",
            r"writing\b|drafts?\b|copy.?edit|grammar|essays?\b|proofread|blog posts?|novel\b"
            r"|ghostwrit",
        ),
        (
            "Marketing",
            r"marketing|ads?\b|campaigns?\b|seo\b|social media|newsletter|reviews a day"
            r"|product reviews|ratings?\b|leads\b|outreach|crm\b",
        ),
        (
            "Education",
            r"students?\b|teachers?\b|lessons?\b|courses?\b|classroom|homework|exam|quiz|tutor"
            r"|flashcard",
        ),
        (
            "Health",
            r"patients?\b|clinic|doctors?\b|medical|health|diagnos|therap|symptom|hospital",
        ),
        (
            "Finance",
            r"invoices?\b|accounting|bookkeep|tax(?:es)?\b|bank|payments?\b|trading|expenses?\b"
            r"|payroll|ledger",
        ),
        (
            "Design",
            r"designers?\b|figma|mock-?ups?\b|wireframe|typograph|logos?\b|prototyp|palette",
        ),
        (
            "Productivity",
            r"meetings?\b|calendar|notes?\b|e?mails?\b|inbox|to-?do|tasks?\b|schedul|remind"
            r"|decisions?\b|workflows?\b|knowledge base",
        ),
        (
            "Data",
            r"spreadsheets?\b|dashboards?\b|analytics|sql\b|warehouse|etl\b|csv\b|charts?\b"
            r"|scrap(?:es?|ing)|data.?sets?\b",
        ),
        (
            "Developer Tools",
            r"apis?\b|sdk|cli\b|command.line|librar(?:y|ies)|developers?\b|code\b|coding|python"
            r"|repositor|git\b|github|postgres|database|kubernetes|docker|pip install|npm|compil"
            r"|debug|pull requests?|models?\b|evaluation|vector|embedding|tokens?\b|agents?\b"
            r"|parser|prompts?\b|function calling|fine-tun|weights",
        ),
    )
)
"""Words of each category; of equal counts the earlier one is taken."""

TOPICS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, _FLAGS))
    for name, pattern in (
        (
            "an API or other interface",
            r"\bapis?\b|\bsdk|\bcli\b|command.line|librar(?:y|ies)|\bmcp\b|webhook|plug-?in"
            r"|function calling|extension|\brest endpoint",
        ),
        (
            "measured results",
            r"\bmedian\b|\bp9\d\b|measured|error rate|benchmark\w* (?:of|on|at|:)|\d\s?%"
            r"|\b\d{1,9} (?:of"
            r"|out of) \d|intervals?\b",
        ),
        (
            "known limits",
            r"(?:does|do|is|are|can)(?: ?not|n't) (?:yet )?\w+|limitation|\bno (?:support"
            r"|[\w -]{2,20} yet)|\bbeta\b|maximum|at most|known (?:issues|gaps)|not yet|\bfails?\b"
            r"|outage|advise against|or later\b|only [\w ,]{1,60} (?:is|are) covered",
        ),
        (
            "export of one's own data",
            r"\bexport\w*|\bdownload your|portab|take your data|own (?:machine|laptop|server)"
            r"|self-host|weights|open[- ]source|\bmit\b|apache|\bfiles are yours",
        ),
        (
            "where data is kept",
            r"\bprivacy|\bstored?\b|\bretention|on (?:your|our) (?:own )?(?:servers?|machine"
            r"|laptop|device)|\bgdpr|never leaves?|self-?host|locally|offline|encrypt"
            r"|public by default|hosts? the model|\bEU\b|erased",
        ),
        (
            "who maintains it, and support",
            r"\bchange ?log|release notes|maintain|\bsupport (?:by|is|via|within)|incident (?:log"
            r"|page)|\bsla\b|updates? (?:for|included)|came out last",
        ),
    )
)
"""What a buyer would ask, and the words by which a text has answered."""

CONTACT = re.compile(
    r"contact (?:us|sales|our sales)|(?:talk|speak|write) to (?:us|sales|our team)|pric\w+ (?:is "
    r"|are )?(?:only )?(?:up)?on request|request a (?:quote|demo|price)|book a (?:demo|call)"
    r"|custom (?:pricing|quote)|ask (?:us )?for (?:a quote|prices|pricing)",
    _FLAGS,
)
"""A price only on request."""
FREE_PLAN = re.compile(
    r"\bfree (?:plan|tier|edition|version|accounts?)\b|\bfree (?:for|up to|below|under"
    r"|until)\b(?! (?:now|a limited|everyone|all|anyone))|\b(?:is|are) free (?:each|every|per"
    r"|a) (?:month|day|week|year)|\bcosts? nothing (?:up to|below|under|until|for)\b"
    r"|\bfirst [\d,]+ [\w ]{1,20} (?:are |is )?free\b|\bno charge (?:up to|below|under|until)\b"
    r"|\b(?:projects|repositories|repos|schools|students|individuals) (?:are |stay )?free\b"
    r"|\bself-run is free\b",
    _FLAGS,
)
"""A free plan beside a paid one."""
FREE = re.compile(
    r"\bfree (?:to use|of charge|for (?:now|everyone|anyone|all|personal)|forever"
    r"|and open)(?<!-free)|\b(?:is|are|stays?|remains?|completely|entirely|currently"
    r"|totally) free\b(?! of (?!charge)|[- ]form)|\bfor free\b|\bcosts? nothing\b|\bfree tool\b"
    r"|\bat no cost\b",
    _FLAGS,
)
"""Nothing to pay."""
PAID = re.compile(
    r"\bpaid (?:plans?|service|version|only|subscription|tier)|\bsubscription\b|\bpremium tier\b",
    _FLAGS,
)
"""Paid, without a figure."""
ADVERT = re.compile(
    r"\A(?:now )?we(?:'re| are) (?:\w+ )?(?:hiring|recruiting)\b|\A(?:now )?hiring\b"
    r"|\Awe(?:'re| are) looking for (?:an? )?[\w -]{0,30}"
    r"(?:engineer|developer|manager|designer|editor|intern|colleague)"
    r"|\Ajoin (?:us|our team)\b(?=[^.]{0,20}(?:\.|!|$)\s*$)|\A(?:job|open) (?:opening|position)s?\b"
    r"|\b(?:engineer|developer|manager|designer|scientist|intern)s? (?:wanted|position|vacancy)\b",
    _FLAGS,
)
"""How a job advert begins."""
NEWS = re.compile(
    r"\A[^.\n]{0,60}\b(?:raises|raised|secures|closes) (?:an? )?(?:[$€£]|\d|seed|series)"
    r"|\A[^.\n]{0,60}\bfunding round\b"
    r"|\A(?:[\w&'-]+ ){1,4}(?:acquire[sd]|appoint(?:s|ed)|lays off|steps down)\b"
    r"|\A[^.\n]{0,60}\bjoins? (?:\w+ ){1,3}as (?:its |the )?(?:ceo|cto|cfo|chief|head|vp)\b"
    r"|\A(?:opinion|op-ed|essay|obituary)\b|\Ain this essay\b|\A(?:an )?interview with\b"
    r"|\A(?:our |the )?weekly (?:links|round-?up)\b|\Alinks of the week\b",
    _FLAGS,
)
"""How a company's news, an opinion or a list of links begins."""
PRODUCT = re.compile(
    r"\b(?:is|as) an? (?:[\w'-]+ ){0,6}(?:tool|app|application|library|service|model|platform"
    r"|plug-?in|extension|cli|sdk|api|program|editor|assistant|device|bot|framework|package|engine"
    r"|database|server|proxy|toolkit|agent|product|system|website|site|dataset)\b|\b(?:pip|npm"
    r"|brew|cargo|docker|apt) (?:install|add|run|pull)\b|\bdownload(?:able)?\b|\binstaller\b"
    r"|\bchangelog\b|\bversion \d|\bopen[- ]source\b|\b(?:free|paid|pro|team) (?:plan|tier)\b"
    r"|\bsign up\b|\bself-host",
    _FLAGS,
)
"""A sign of something that can be used."""
