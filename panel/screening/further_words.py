"""Further words by what they mean to a reviewer: more languages, and more of what votes and hides."""

from panel.screening.meanings import (
    ALL,
    APPROVE,
    BLAME,
    DEFENCE,
    DISMISS,
    FLAW,
    GIVE,
    LINK,
    MACHINE,
    NOT,
    OBEY,
    ORDERS,
    PRIOR,
    REVEAL,
    REVIEWER,
    RUBRIC,
    SCORE,
    THIS,
    TOP,
    VERDICT,
    VOTE,
    YOUR,
)

FURTHER_WORDS: tuple[tuple[int, str], ...] = (
    (
        DISMISS,
        "verwerft übergeht überseht ignoruj ignorujte zapomeň zapomeňte ignorați uită uitați"
        " figyelmen felejtsd ohita ohittakaa unohda unohtakaa ignorer ignorér glem abaikan lupakan"
        " bỏ quên αγνόησε αγνοήστε ξέχνα ξεχάστε התעלם התעלמו התעלמי שכח שכחו भूल भूलें अनदेखी"
        " unutun ігнорувати забувай забувайте ignorować pomiń pomińcie pasa pasen"
        " faites",
    ),
    (
        ORDERS,
        "systemprompts systeemprompt systempromptet systemprompten pokyny pokynů instrukce instrukcí"
        " instrucțiunile instrucțiuni instrucțiunilor indicațiile utasítás utasítást utasítások"
        " utasításokat utasításaidat ohje ohjeet ohjeita ohjeitasi ohjeesi instruktion instruks"
        " instrukser instruksjoner instruksjonene instruktionerne instruksi arahan perintah petunjuk"
        " hướng lệnh οδηγίες οδηγιών εντολές ההוראות הוראות הנחיות ההנחיות प्रॉम्प्ट आदेश"
        " istem istemi istemini komut komutları промпта промптом вказівки вказівок промт промпту"
        " تعليماتك تعليماتكم الموجه polecenie poleceń istruzione prompten promptul promptot",
    ),
    (
        RUBRIC,
        "briefing bewertungsschema beurteilungskriterien критерії критеріїв kritéria kritérií kriterier"
        " kriteerit kriteriile kritériumok szempontok κριτήρια kriterleri kriterler معايير المعايير"
        " मानदंड मानदंडों קריטריונים kriteria tiêu grille",
    ),
    (
        PRIOR,
        "předchozí předešlé výše anterioare precedente sus korábbi fenti előző aiemmat aikaisemmat"
        " edelliset edellä yllä tidligere ovenstående ovenfor sebelumnya atas terdahulu trước trên"
        " προηγούμενες παραπάνω προηγούμενα הקודמות לעיל पिछली ऊपर précède precede precedes"
        " вищеніх",
    ),
    (
        ALL,
        "všechny všechna všem každém každé toate toți orice összes minden mindent kaikki kaikkia"
        " kaikissa samtliga semua seluruh setiap mọi tất όλες όλα όλους כל מכל בכל усі всі",
    ),
    (
        YOUR,
        "euer eure euren eurem deinem deiner ihrem tu teu teus seu svůj své svoje tvé tău tale"
        " dine din dina ditt deres swój swoje swoją twój twoją свой свои своих свою твой твою"
        " ваш вашу अपना अपने अपनी आपके שלך שלכם σου σας sizin senin kamu anda",
    ),
    (
        GIVE,
        "vergeb acordă acordați dej dejte přiděl nastav δώσε δώστε תן תנו beri berikan"
        " постав поставте надай δίνετε",
    ),
    (
        TOP,
        "nejvyšší nejlepší plný maximă maximal maximum maximális legmagasabb korkeimmat korkein"
        " korkeimman täydet højeste høyeste topkarakter toppkarakter toppbetyg tertinggi penuh nhất"
        " μέγιστη υψηλότερη ανώτατη הגבוה המקסימלי найвищу найвищий найвищі पूरे सर्वोच्च",
    ),
    (
        SCORE,
        "hodnocení známku body bodů punctaj punctajul notă nota pontszámot pontot pisteet pistemäärä"
        " arvosana arvosanan karakter karakterer poengsum poeng skor nilai markah điểm βαθμολογία"
        " βαθμό ציון הציון ניקוד оцінку бали балів",
    ),
    (VERDICT, "verdictul verdik phán απόφαση ετυμηγορία ítélet päätös verdiktet выводом итог"),
    (
        REVIEWER,
        "gutachtern prüfern juroren bewertern correcteurs valutatori oceniający oceniającym"
        " recenzentów sędziowie jurorzy рецензенту экспертам оценщики оценщикам проверяющим"
        " рецензентам рецензенте оцінювачі рецензенти hodnotitelé hodnotitelům recenzenti"
        " evaluatori recenzori bírálók értékelők arvioijat tuomarit bedömare domare anmeldere"
        " dommere penilai juri peninjau giám κριτές κριτή αξιολογητές שופטים בוחנים סוקרים"
        " değerlendiriciler hakemler hakem مراجعون المراجعون المراجعين المقيمون مقيمون المحكمون"
        " मूल्यांकनकर्ता मूल्यांकनकर्ताओं समीक्षक समीक्षकों निर्णायक bewertenden jurado jurados",
    ),
    (MACHINE, "yapay inteligencia künstliche tekoäly"),
    (
        VOTE,
        "stimme stimmt stimmen votiert votiere wähle wählt votez votons voter vote votad voten vota"
        " votar"
        " votate votem votar stem stemmen stemt kies kiest głosuj głosujcie zagłosuj zagłosujcie"
        " odpowiedz odpowiedzcie wybierz голосуй голосуйте проголосуй проголосуйте голосувати"
        " голосуйте напиши напишите скажи скажите ответь ответьте выбери выберите обирай hlasuj"
        " hlasujte odpověz odpovězte zvol votează votați răspunde răspundeți alege szavazz"
        " szavazzatok válaszolj äänestä äänestäkää vastaa vastatkaa rösta röstar svara välj svar"
        " velg vælg pilih pilihlah jawab chọn ψήφισε ψηφίστε απάντησε απαντήστε διάλεξε בחר בחרו"
        " הצביעו הצבע ענה ענו اختر اختاروا صوت صوتوا أجب वोट चुनें चुनो कहो कहें लिखो oy verin"
        " seçin seç yanıtla répondez réponds respondam respondan responded responde respondi"
        " rispondete antworte antwortet antworten schreibe schreibt sagt dites digan diz"
        " escribid escriban escreva scrivi scrivete antwoord kiezen",
    ),
    (
        LINK,
        "für za per pour para voor na för til για για la le el einfach bitte direkt toujours siempre"
        " sempre altijd immer stets vždy mereu mindig aina alltid selalu luôn πάντα תמיד всегда"
        " immediately lautet être być være vara on olla legyen trebuie fi muß deve",
    ),
    (
        REVEAL,
        "zeig nenne nennt montre montrez recopie recopiez récite récitez répète répètes enseña enseñad"
        " muéstrame mostrad imprima exiba escreva wypisz wyświetl pokaż pokażcie visa skriv vis"
        " zobraz vypiš ukaž göster gösterin yazdır दिखाएं दिखाओ दिखाइए दिखाएँ बताओ बताएं أظهر اعرض"
        " اطبع اكشف afișează arată mutasd írd näytä tulosta δείξε εμφάνισε εκτύπωσε הצג הראה הדפס"
        " tampilkan tunjukkan cetak hiển виведи виведіть mostrate stampate onthul geef gib напиши",
    ),
    (OBEY, "beachtet befolgt tenez dodržuj noudata kövesd следовать respectez respecta"),
    (NOT, "ne n geen inga inte ikke ei älä nu jangan không μην אל मत ingen no ani keinen kein"),
    (
        BLAME,
        "снижать снижай erwähne erwähnt erwähnen kritisiert kritisiere mentionnez mentionne parlez"
        " critiquez"
        " pénalisez menciones mencionéis mencione mencionen mencionad mencionar critiquéis penalicéis"
        " menzionare menzionate menziona criticate mencionem noem vermeld wspominaj wspominajcie"
        " упоминай упоминайте упоминать снижай снижайте критикуй критикуйте nämn nævn nevn zmiňuj",
    ),
    (
        FLAW,
        "оценку баллы mängel schwächen nachteile lizenz défauts faiblesses limites inconvénients"
        " defectos"
        " limitaciones debilidades fallos difetti limiti debolezze falhas defeitos fraquezas"
        " limitações gebreken nadelen wad wady wadach недостатки недостатках недостатков brister"
        " mangler ulemper puutteita puutteet hibák hibákat nedostatky defectele",
    ),
    (
        APPROVE,
        "empfiehl empfehlt empfehlen recomendad recomienden recomende raccomanda polecaj рекомендуй"
        " рекомендуйте aanbevolen doporuč rekommendera recommandez recommande",
    ),
    (THIS, "araca verktyget verktyg nástroji nástroj narzędzie narzędziu eszköz työkalu værktøj"),
    (
        DEFENCE,
        "attacker attackers hacker hackers adversaries warns dataset datasets leak leaks probe"
        " angriffe sätze prüft attaques phrases détecter filtro filtros фильтр фразы атаки",
    ),
)
