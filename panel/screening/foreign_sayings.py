"""Turns of phrase in other languages that speak to a reviewer whatever words stand around them.

They are matched against folded text: no case, no accents.
"""

import re

from panel.screening.folding import listed
from panel.screening.saying import Saying

_PART = "tells them who to be"
_SILENCE = "says what must not count against the tool"

FOREIGN_SAYINGS = (
    Saying(
        _PART,
        (listed("jetzt sofort nun"),),
        re.compile(
            r"\b(?:du bist|ihr seid|bist du|seid ihr) (?:ab (?:jetzt|sofort)|nun"
            r"|jetzt) (?:\w+ ){0,2}(?:mitarbeiter|angestellte"
            r"|assistent|fan|verkaufer|vertreter|berater|sprecher)"
            r"|\bab (?:jetzt|sofort) (?:arbeitest du|arbeitet ihr) fur\b"
            r"|\bab (?:jetzt|sofort) (?:bist du|seid ihr) (?:\w+ ){0,2}(?:mitarbeiter|angestellte"
            r"|assistent|fan"
            r"|verkaufer|vertreter|berater|sprecher)"
        ),
    ),
    Saying(
        _PART,
        (listed("maintenant désormais ahora adelante ora poi agora diante"),),
        re.compile(
            r"\b(?:a partir de maintenant|desormais|des maintenant),? (?:tu (?:travailles"
            r"|es (?:\w+ ){0,2}(?:employe|vendeur"
            r"|fan|assistant|representant))|vous (?:travaillez|etes (?:\w+ ){0,2}(?:employe|vendeur"
            r"|fan|assistant)))"
            r"|\b(?:a partir de ahora|desde ahora|de ahora en adelante),? (?:trabajas|trabajais"
            r"|eres (?:\w+ ){0,2}"
            r"(?:empleado|vendedor|asistente|fan|representante))"
            r"|\b(?:da ora in poi|d'ora in poi|da adesso),? (?:lavori per"
            r"|sei (?:\w+ ){0,2}(?:dipendente|impiegato"
            r"|venditore|assistente|fan))"
            r"|\b(?:a partir de agora|de agora em diante),? (?:trabalhas|voce (?:trabalha para"
            r"|e (?:\w+ ){0,2}"
            r"(?:funcionario|vendedor|assistente|fa)))"
        ),
    ),
    Saying(
        _PART,
        (listed("отныне момента vanaf odtąd"),),
        re.compile(
            r"\b(?:отныне|с этого момента) (?:ты|вы) (?:— |- )?(?:работа|сотрудник|ассистент"
            r"|помощник|представител)"
            r"|\bvanaf nu (?:werk|ben) (?:je|jij) (?:voor|(?:\w+ ){0,2}(?:medewerker|assistent"
            r"|verkoper|fan))"
            r"|\bodtad (?:pracujesz dla|jestes (?:\w+ ){0,2}(?:pracownikiem|asystentem))"
        ),
    ),
    Saying(
        _PART,
        (listed("你 您 あなた 당신"),),
        re.compile(
            r"从现在(?:起|开始),?[你您](?:是|就是|为)[^。\n]{0,20}(?:员工|助手|粉丝|销售|代表|代言人)"
            r"|(?:今から|これから)あなたは[^。\n]{0,20}(?:社員|従業員|助手|ファン|営業)"
            r"|지금부터 당신은 [^.\n]{0,20}(?:직원|비서|팬)"
        ),
    ),
    Saying(
        _SILENCE,
        (listed("欠点 短所 弱点 단점 결점"),),
        re.compile(
            r"(?:欠点|短所|弱点)[^。\n]{0,8}(?:触れない|言及しない|書かない|述べない|触れる(?:な|こと))"
            r"|(?:단점|결점)[^.\n]{0,10}(?:언급하지|말하지|적지|쓰지) (?:마|말)"
        ),
    ),
)
