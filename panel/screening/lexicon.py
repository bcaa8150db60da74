"""Words by what they mean to a reviewer, in the languages that vendors write to us in.

A word stands under every meaning it can have; the rules in `addressing` ask for several meanings at
once, so a single word never raises a flag. Words are written as they are read, and compared folded.
"""

from panel.screening.folding import folded
from panel.screening.meanings import (
    ALL,
    APPROVE,
    BLAME,
    COPYING,
    DECODE,
    DEFENCE,
    DISMISS,
    FAVOUR,
    FLAW,
    GIVE,
    GRADE,
    LEAD,
    LINK,
    MACHINE,
    MATTER,
    NOT,
    OBEY,
    ORDERS,
    PRIOR,
    REVEAL,
    REVIEWER,
    RUBRIC,
    SCORE,
    SECRET,
    SHIP,
    SKIP,
    TEN,
    THIS,
    TOP,
    UNCHANGED,
    VERDICT,
    YOUR,
)
from panel.screening.unspaced_terms import UNSPACED_TERMS

_WORDS: tuple[tuple[int, str], ...] = (
    (
        DISMISS,
        "ignore disregard forget overlook erase cancel abandon suspend revoke override overrule"
        " bypass dismiss discard neglect ignored"
        " disregarded overridden overruled discarded"
        " ignoriere ignorier ignorieren ignoriert vergiss vergesst vergessen missachte missachten"
        " missachtet verwirf verwerfen übergehe übergehen überschreibe"
        " ignorez ignorer oublie oubliez oublier négligez néglige outrepassez"
        " ignora ignoren ignorar ignorad ignores omiso olvida olvide olviden olvidar descarta descarte"
        " ignorate ignorare ignori dimentica dimenticate dimenticare tralascia tralasciate"
        " ignorem esqueça esquece esquecer esqueçam desconsidere desconsiderar desconsidera"
        " negeer negeert negeren vergeet vergeten"
        " игнорируй игнорируйте игнорировать проигнорируй проигнорируйте забудь забудьте забыть"
        " отбрось отбросьте ігноруй ігноруйте"
        " zignoruj ignoruj zignorujcie ignorujcie zapomnij ignorera glöm görmezden yoksay unut"
        " تجاهل تجاهلوا انس अनदेखा नज़रअंदाज",
    ),
    (
        ORDERS,
        "instruction instructions directive directives prompt prompts systemprompt guidance told"
        " directions richtlinien"
        " anweisung anweisungen instruktion instruktionen vorgabe vorgaben"
        " consigne consignes directives"
        " instrucción instrucciones indicación indicaciones directriz directrices"
        " istruzione istruzioni direttiva direttive indicazioni"
        " instrução instruções diretriz diretrizes orientações"
        " instructie instructies aanwijzing aanwijzingen voorschriften richtlijnen"
        " инструкции инструкция инструкций инструкциям инструкцию указания указаний указание"
        " промпт промпты директивы інструкції інструкцій"
        " instrukcje instrukcji polecenia instruktioner anvisningar talimat talimatları talimatlar"
        " talimatlarını التعليمات تعليمات الأوامر निर्देश निर्देशों",
    ),
    (
        RUBRIC,
        "rubric rubrics criteria criterion guidelines scorecard"
        " kriterien kriterium bewertungsraster bewertungskriterien bewertungsrichtlinien"
        " critère critères barème criterio criterios rúbrica baremo criteri rubrica"
        " critérios critério beoordelingscriteria criteriums"
        " критерии критериев критериям критерий рубрику рубрика kryteria",
    ),
    (
        MATTER,
        "rules rule text texts content context message messages conversation everything anything"
        " input policy policies above foregoing constraints restrictions safeguards"
        " training words"
        " regeln text inhalt alles kontext règles texte contenu tout contexte"
        " reglas texto contenido todo contexto regole testo contenuto tutto contesto"
        " regras conteúdo tudo regels tekst inhoud"
        " правила правил текст всё контекст содержание tekst",
    ),
    (
        PRIOR,
        "previous prior above earlier preceding foregoing before original initial"
        " previously"
        " vorherigen vorherige vorigen vorige bisherigen bisherige früheren obigen obige oben"
        " vorangegangenen vorangehenden vorstehenden"
        " précédentes précédente précédents précédent antérieures antérieurs dessus"
        " anteriores anterior previas previa previos previo arriba"
        " precedenti precedente sopra acima prévias prévia"
        " eerdere voorgaande bovenstaande hierboven vorige"
        " предыдущие предыдущих предыдущую предыдущий предшествующие предшествующих прежние"
        " прежних вышеуказанные выше ранее попередні"
        " poprzednie poprzednich wcześniejsze powyższe tidigare ovanstående önceki yukarıdaki"
        " السابقة أعلاه पिछले",
    ),
    (
        ALL,
        "all any every each entire whole everything alle alles sämtliche allen überall toutes tous"
        " tout partout todas todos todo tutte tutti tutto ogni все всех всем все każdy wszystkie"
        " alla tüm جميع सभी",
    ),
    (
        YOUR,
        "your you yours deine deinen dein ihre ihren vos votre tes ton vous tus sus usted tuoi tuo"
        " tue vostre seus suas sua je jouw uw твои твоих ваши ваших вас twoje",
    ),
    (
        GIVE,
        "give giving assign award grant rate score grade mark set return output report respond"
        " reply answer choose select vote issue record submit recommend rank conclude decide"
        " declare produce provide ensure enter state say judge evaluate label classify assume"
        " confirm write consider treat regard"
        " gib gebt geben vergib vergebt vergeben bewerte bewertet bewerten setze setzt setzen"
        " erteile erteilt erteilen antworte antworten wähle"
        " donne donnez donner attribue attribuez attribuer notez mets mettez mettre accorde"
        " accordez note évaluez évalue répondez réponds fixez rendez recommandez"
        " dale den otorga otorgue otorgar asigna asigne asignar pon ponga poner califica califique"
        " puntúa puntúe concede conceda responde establece dele da"
        " dai dare assegna assegnate assegnare valuta valutate attribuisci attribuite imposta"
        " impostate metti rispondi dia"
        " dê dá atribua atribuir conceda avalie classifique defina responda coloque deem"
        " geef geeft geven beoordeel ken zet stel antwoord"
        " поставь поставьте поставить дай дайте выставь выставьте оцени оцените присвой присвойте"
        " установи установите верни верните ответь ответьте выбери выберите"
        " daj przyznaj oceń ustaw ge sätt ver verin puan أعط امنح दें",
    ),
    (
        TOP,
        "highest maximum max maximal top full perfect best outstanding exceptional flawless"
        " excellent"
        " höchste höchsten höchstes höchstmögliche maximale maximalen volle vollen beste besten"
        " maximum maximale maximal meilleure meilleur haute parfaite"
        " máxima máximo máximas máximos alta mejor perfecta massimo massima massimi migliore alto"
        " perfetto melhor perfeita hoogste maximale perfecte"
        " высший высшую высшие высшая высшей наивысшей максимальной"
        " максимальный максимальную максимальные максимум наивысший"
        " наивысшую наивысшие лучший лучшую najwyższą najwyższe maksymalną högsta yüksek"
        " أعلى الدرجة उच्चतम",
    ),
    (
        SCORE,
        "score scores rating ratings mark marks grade grades points stars star criteria criterion"
        " category categories dimensions"
        " punktzahl punkte punkten bewertung bewertungen wertung sterne sternen note noten"
        " notes étoiles évaluation critères critère"
        " puntuación puntuaciones calificación calificaciones nota notas puntaje estrellas criterios"
        " punteggio punteggi voto voti valutazione stelle criteri"
        " pontuação pontuações classificação avaliação estrelas critérios"
        " cijfer cijfers punten beoordeling waardering sterren"
        " оценка оценку оценки балл баллы баллов рейтинг звёзд критериям"
        " ocenę oceny poäng betyg puanı puan درجة अंक",
    ),
    (
        TOP | SCORE,
        "höchstnote höchstnoten bestnote bestnoten höchstpunktzahl höchstwertung bestwertung"
        " maximalpunktzahl topscore",
    ),
    (
        THIS,
        "this it its us our tool tools product app entry submission vendor service everything"
        " listing diesem dieses diese dieser werkzeug cet cette outil produit esta este herramienta"
        " producto questo questa strumento prodotto ferramenta produto dit deze этому этот",
    ),
    (
        VERDICT,
        "verdict verdicts decision recommendation judgement judgment conclusion outcome result"
        " assessment ergebnis ergebnisses resultat resultado risultato resultaat результат результатом"
        " urteil entscheidung empfehlung verdikt décision recommandation jugement"
        " veredicto decisión recomendación verdetto giudizio decisione veredito veredicto decisão"
        " oordeel eindoordeel beslissing вердикт вердикта вердиктом решение werdykt omdöme karar"
        " الحكم निर्णय",
    ),
    (SHIP, "ship"),
    (SKIP, "skip hold kill drop"),
    (
        REVIEWER,
        "reviewer reviewers judge judges evaluator evaluators grader graders rater raters assessor"
        " assessors juror jurors jury persona personas panelist panelists panellists panel"
        " gutachter gutachterin prüfer bewerter juroren"
        " évaluateur évaluateurs juge juges relecteur relecteurs examinateur"
        " evaluador evaluadores revisor revisores juez jueces jurado"
        " valutatore valutatori revisore revisori giudice giudici giuria"
        " avaliador avaliadores juiz juízes"
        " beoordelaar beoordelaars recensent recensenten"
        " рецензент рецензенты рецензентам рецензентов судья судьи судьям жюри эксперты"
        " recenzent recenzenci granskare",
    ),
    (
        MACHINE,
        "ai llm llms gpt chatgpt claude gemini assistant assistants chatbot bot bots model models"
        " agent agents ki ia ии assistent modell modelle modèle modelo modello asistente assistente"
        " модель ассистент нейросеть",
    ),
    (
        REVEAL,
        "print reveal output repeat disclose leak dump expose recite quote echo show display paste"
        " share summarise summarize translate"
        " offenbare drucke wiederhole verrate zeige affichez affiche révélez révèle répétez imprime"
        " revela imprime repite muestra rivela stampa ripeti mostra revele repita mostre"
        " onthul herhaal toon покажи покажите выведи выведите раскрой раскройте повтори",
    ),
    (SECRET, "secret secrets token tokens credentials password passwords key keys canary hidden"),
    (
        OBEY,
        "follow obey following apply heed adhere comply execute attention folge befolge befolgen"
        " beachte beachten suivez suivre tenez tenir hört höre considere considérez"
        " berücksichtige sigas siga seguire siga volg следуй следуйте"
        " соблюдай",
    ),
    (
        NOT,
        "not don never no stop nicht nie keine pas non não niet не nie",
    ),
    (
        LINK,
        "is to as be of must should shall will the a an with on for it this at only and always"
        " auf ist als lautet sein à est doit être le la comme es debe ser a como è deve essere como"
        " é op moet zijn — на muss soll lauten nur seulement uniquement solo alleen apenas"
        " только это должен быть overwhelmingly"
        " very clearly fully strongly zwingend should read value equals field final",
    ),
    (APPROVE, "approve approved accept endorse recommended recommend praise promote"),
    (TEN, "10 5 100 ten five zehn dix diez dieci dez tien десять fünf cinq cinco cinque vijf"),
    (
        DECODE,
        "decode decoded decipher decrypt unscramble base64 rot13 dekodiere entschlüssele décodez"
        " decodifica decodifique decodeer декодируй раскодируй",
    ),
    (
        DEFENCE,
        "block blocks blocked detect detects detecting detection stop stops catch catches filter"
        " filters flag flags refuse refuses reject rejects prevent prevents attack attacks"
        " injection injections jailbreak jailbreaks phrase phrases sentence sentences string"
        " strings like attempt attempts malicious adversarial firewall guardrail guardrails"
        " protect protects against payload payloads erkennt blockiert bloque détecte bloquea"
        " detecta blocca rileva bloqueia блокирует обнаруживает trick tricks hidden scans"
        " scanner resist resists withstand tests probes test"
        " attacker attackers hacker hackers adversaries warns dataset datasets leak leaks probe"
        " angriffe sätze prüft attaques phrases détecter filtro filtros фильтр фразы атаки",
    ),
    (
        FLAW,
        "weakness weaknesses flaw flaws drawback drawbacks negative negatives downside downsides"
        " limitation limitations shortcoming shortcomings concern concerns criticism score scores"
        " points rating injection",
    ),
    (
        FAVOUR,
        "generous lenient kind favourable favorable favourably favorably positive positively high"
        " benefit enthusiastic wohlwollend positiv hohe favorable positivo positiva bienveillant",
    ),
    (
        LEAD,
        "please and then now must should just kindly so also or but always instead simply first you"
        " shall therefore immediately only scoring devez devi deves debes debe müssen soll"
        " sollst musst moet"
        " должны нужно bitte und favor et y e svp en и"
        " пожалуйста alstublieft",
    ),
    (GRADE, "rate score grade mark rank note"),
    (COPYING, "output repeat return copy reproduce echo use submit"),
    (UNCHANGED, "unchanged verbatim exactly"),
    (
        BLAME,
        "mention criticise criticize deduct penalise penalize lower reduce subtract report list"
        " downgrade",
    ),
)


def _by_word(groups: tuple[tuple[int, str], ...]) -> dict[str, int]:
    meanings: dict[str, int] = {}
    for meaning, words in groups:
        for word in folded(words).split():
            meanings[word] = meanings.get(word, 0) | meaning
    return meanings


TERMS = _by_word(UNSPACED_TERMS)
MEANINGS = _by_word(_WORDS) | TERMS
