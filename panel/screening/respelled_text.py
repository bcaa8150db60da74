"""Readings of a text in another alphabet, order or spacing than it is written in."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from panel.screening.folding import folded, listed
from panel.screening.lexicon import MEANINGS
from panel.screening.phrasing import Worded


class Decoding(NamedTuple):
    """A text as it reads once decoded.

    `whole` where all of it was read another way, so that what was plain before may show again.
    """

    way: str
    text: str
    whole: bool


# Words that a request to reviewers can hardly do without, long enough not to turn up by chance.
_TELLTALES = listed(
    "ignore disregard previous instruction instructions verdict highest maximum criterion criteria"
    " reviewer reviewers rubric rating system prompt scores"
    " anweisungen vorherigen bewertung consignes précédentes instrucciones anteriores istruzioni"
    " precedenti instruções instructies"
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHIFTS = tuple(
    str.maketrans(_LETTERS, _LETTERS[by:] + _LETTERS[:by]) for by in range(len(_LETTERS))
)
_ATBASH = str.maketrans(_LETTERS, _LETTERS[::-1])
_BY_SHIFT = {
    word.translate(shift): by for by, shift in enumerate(_SHIFTS) if by for word in _TELLTALES
}
_MIRRORED = frozenset(word.translate(_ATBASH) for word in _TELLTALES)
_REVERSED = frozenset(word[::-1] for word in _TELLTALES)

_SHORTEST_SCRAMBLED = 5
_SCRAMBLED = {
    (word[0], word[-1], len(word), "".join(sorted(word))): word
    for word in sorted(MEANINGS)
    if len(word) >= _SHORTEST_SCRAMBLED and word.isascii()
}
_OUTLINES = frozenset(outline[:3] for outline in _SCRAMBLED)

_LEET = re.compile(r"[013457@$!|][a-z]")
_MOST_BY_CHANCE = 2
_AS_I = str.maketrans("013457@$!|", "oieastasii")
_AS_L = str.maketrans("013457@$!|", "oleastasll")
_LOOKALIKES = str.maketrans(
    "авеікмнорстухѕјԁӏԛԝһгпіІАВЕКМНОРСТУХЅЈ"
    "αβεικνορτυχηγωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
    "օոսցԁհզ"
    "ᎪᏴᏟᎠᎬᏀᎻᏆᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᏃ"
    "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵"
    "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ"
    "ɑɡıɩℓ",
    "abeikmhopctyxsjdlqwhrniiabekmhopctyxsj"
    "abeikvoptuxnywabezhikmnoptyx"
    "onugdhq"
    "abcdeghijklmprstvwz"
    "abcdefghijklmnopqrstuvwxyz"
    "abcdefghijklmnoprstuvwyz"
    "agiil",
) | {
    first + offset: letter
    for first in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)  # letters in squares and circles, flag halves
    for offset, letter in enumerate(_LETTERS)
}
_LOOKALIKE = re.compile("[" + "".join(map(chr, _LOOKALIKES)) + "]")

_WORD = re.compile(r"[^\W_]+")
_NON_LETTER = re.compile(r"[\W_]+")
_WORD_END = re.compile(r" {2,}|(?<=[a-z])(?=[A-Z])")
_SPACED = re.compile(r"(?:(?<![^\W_])[^\W_][ .\-_*·|/+~]{1,3}){7,}[^\W_](?![^\W_])")
_FEWEST_SINGLE_LETTERS = 5
_LONGEST_WORD = 24
_JOINED = re.compile(rf"[^\W\d_]{{{_LONGEST_WORD},}}")
_SHORTEST_JOINED = 3
_KNOWN = re.compile(
    "|".join(
        sorted(
            (word for word in MEANINGS if len(word) >= _SHORTEST_JOINED and word.isascii()),
            key=lambda word: (-len(word), word),
        )
    )
)


_UPSIDE_DOWN = str.maketrans("ɐɔǝɟƃɓɥᴉıɾʞןɯɹʇʌʍʎbdnpqu", "acefgghiijklmrtvwyqpudbn")
_TURNED = frozenset("ɐɔǝɟƃɓɥᴉɾʞɯɹʇʌʍʎ")
_FEWEST_TURNED = 4

_ROT47 = str.maketrans({chr(33 + place): chr(33 + (place + 47) % 94) for place in range(94)})
_IN_ROT47 = tuple(word.translate(_ROT47) for word in ("the ", "this ", "your ", "ship", "verdict"))

_BACKWARDS = re.compile(r"[^\n:]{20,2000}[ \t][A-Z][a-z]+\s*")
_AY = listed(
    "day days today may way pay play say stay away delay display array relay always gray okay essay"
    " holiday monday tuesday wednesday thursday friday saturday sunday yesterday everyday birthday"
    " gateway pathway overlay replay layaway ray lay bay hay clay spray tray weekday someday"
)
_PIG_LATIN = re.compile(r"\b([a-z]{2,20}?)[wy]?ay\b")
_FEWEST_PIG_WORDS = 4
_LONGEST_ONSET = 4

_MARKUP = (
    r"</?[a-zA-Z!][^<>]{0,200}>|\*{1,3}|~~|__|`|\[/?[a-z]{1,5}\]"
    r"|\]\([^()\s]{0,200}\)|\[(?=[^\[\]\s]{1,40}\]\()"
)
_SPLIT_BY_MARKUP = re.compile(rf"[^\W_](?:{_MARKUP})+[^\W_]")
_ANY_MARKUP = re.compile(_MARKUP)
_MARKUP_SIGNS = ("<", "*", "~~", "__", "`", "[")


def respellings(text: str, worded: Worded) -> Iterator[Decoding]:
    """Yield the text in every spelling that it may have been written to be read in.

    `worded` is the same text. Each reading is about as long as the text, and most texts yield none.
    """
    yield from _other_alphabets(worded)
    yield from _other_orders(text, worded)
    yield from _other_letters(text, worded)
    yield from _without_markup(text)
    yield from _other_spacing(text, worded)


def _other_alphabets(worded: Worded) -> Iterator[Decoding]:
    plain, words = worded.text, worded.words
    for by in sorted({_BY_SHIFT[word] for word in words & _BY_SHIFT.keys()}):
        yield Decoding("shifted letters", plain.translate(_SHIFTS[-by]), whole=True)
    if not words.isdisjoint(_MIRRORED):
        yield Decoding("a mirrored alphabet", plain.translate(_ATBASH), whole=True)
    if not words.isdisjoint(_REVERSED):
        yield Decoding("reversed text", plain[::-1], whole=True)
    scrambled = {
        word: _unscrambled(word)
        for word in words
        if len(word) >= _SHORTEST_SCRAMBLED and _outline(word) in _OUTLINES
    }
    if sum(word != known for word, known in scrambled.items()) > 1:
        sorted_out = _WORD.sub(lambda word: scrambled.get(word.group(), word.group()), plain)
        yield Decoding("scrambled letters", sorted_out, whole=True)


def _other_orders(text: str, worded: Worded) -> Iterator[Decoding]:
    if any(word in text for word in _IN_ROT47):
        yield Decoding("rotated signs", text.translate(_ROT47), whole=True)
    for paragraph in text.split("\n\n"):
        if paragraph[:1].islower() and _BACKWARDS.fullmatch(paragraph):
            yield Decoding("words in reverse", " ".join(reversed(paragraph.split())), whole=True)
    if worded.text.count("ay") >= _FEWEST_PIG_WORDS and _is_pig_latin(worded.words):
        yield Decoding("pig Latin", _PIG_LATIN.sub(_from_pig_latin, worded.text), whole=True)


def _is_pig_latin(words: frozenset[str]) -> bool:
    return sum(word.endswith("ay") and word not in _AY for word in words) >= _FEWEST_PIG_WORDS


def _from_pig_latin(word: re.Match[str]) -> str:
    stem = word[1]
    turned = (stem[-onset:] + stem[:-onset] for onset in range(1, _LONGEST_ONSET))
    return next((known for known in (stem, *turned) if known in MEANINGS), word.group())


def _without_markup(text: str) -> Iterator[Decoding]:
    """Yield the text without its markup if that stands inside words."""
    if any(sign in text for sign in _MARKUP_SIGNS) and _SPLIT_BY_MARKUP.search(text):
        yield Decoding("words split by markup", _ANY_MARKUP.sub("", text), whole=True)


def _outline(word: str) -> tuple[str, str, int]:
    return word[0], word[-1], len(word)


def _unscrambled(word: str) -> str:
    return _SCRAMBLED.get((*_outline(word), "".join(sorted(word))), word)


def _other_letters(text: str, worded: Worded) -> Iterator[Decoding]:
    plain = worded.text
    if len(_LEET.findall(plain)) > _MOST_BY_CHANCE:
        yield Decoding("digits for letters", plain.translate(_AS_I), whole=True)
        yield Decoding("digits for letters", plain.translate(_AS_L), whole=True)
    if text.isascii():
        return
    signs = set(plain)
    if len(signs & _TURNED) >= _FEWEST_TURNED:
        upright = plain.translate(_UPSIDE_DOWN)
        yield Decoding("letters upside down", upright[::-1], whole=True)
        yield Decoding("letters upside down", upright, whole=True)
    if _LOOKALIKE.search("".join(set(text))):
        latin = text.translate(_LOOKALIKES)
        yield Decoding("look-alike letters", latin, whole=True)
        yield from _other_spacing(latin, Worded.of(latin))


def _other_spacing(text: str, worded: Worded) -> Iterator[Decoding]:
    if (
        1 in worded.lengths
        and sum(len(word) == 1 and word.isalpha() for word in worded.words)
        >= _FEWEST_SINGLE_LETTERS
    ):
        for match in _SPACED.finditer(text):
            yield Decoding("spaced letters", _respaced(match.group()), whole=False)
    if max(worded.lengths, default=0) >= _LONGEST_WORD:
        for match in _JOINED.finditer(text):
            yield Decoding("joined words", _respaced(match.group()), whole=False)


def _respaced(run: str) -> str:
    """Return a run of letters with the words in it set apart."""
    words = (_NON_LETTER.sub("", word) for word in _WORD_END.split(run))
    return " ".join(_KNOWN.sub(lambda word: f" {word.group()} ", folded(word)) for word in words)
