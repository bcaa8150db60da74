"""Readings of a text in another alphabet, order or spacing than it is written in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from panel.screening.normalization import normalize
from panel.screening.tokens import Vocabulary
from panel.screening.words import lexicon


class DecodedText(NamedTuple):
    """A text as it reads once decoded, and out of which code.

    `whole` where all of it was read another way, so that what was plain before may show again.
    """

    code: str
    text: str
    whole: bool


REVERSED_WORDS = "words in reverse"
HYPHENS = "words split by hyphens"

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHIFTS = tuple(
    str.maketrans(_LETTERS, _LETTERS[by:] + _LETTERS[:by]) for by in range(len(_LETTERS))
)
_ATBASH = str.maketrans(_LETTERS, _LETTERS[::-1])
_ROT47 = str.maketrans({chr(33 + place): chr(33 + (place + 47) % 94) for place in range(94)})
_IN_ROT47 = tuple(word.translate(_ROT47) for word in ("the ", "this ", "your ", "ship", "verdict"))

_LEET = re.compile(r"[013457@$!|][a-z]")
_LEET_WORD = re.compile(r"(?<![\w@$!|])[^\W\d_]*+[013457@$!|][\w@$!|]*+")
_NO_LEET_WORD = str.maketrans(
    {sign: " " for sign in map(chr, range(128)) if not (sign.isalnum() or sign in "_@$!|")}
)
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
_LOOKALIKE_SIGNS = frozenset(map(chr, _LOOKALIKES))
_UPSIDE_DOWN = str.maketrans("ɐɔǝɟƃɓɥᴉıɾʞןɯɹʇʌʍʎbdnpqu", "acefgghiijklmrtvwyqpudbn")
_TURNED = frozenset("ɐɔǝɟƃɓɥᴉɾʞɯɹʇʌʍʎ")
_FEWEST_TURNED = 4

_WORD = re.compile(r"[^\W_]++")
_NON_LETTERS = re.compile(r"[\W_]++")
_WORD_END = re.compile(r" {2,}+|(?<=[a-z])(?=[A-Z])")
_SPACED = re.compile(
    r"[^\W_](?=[ .\-_*·|/+~])(?<![^\W_][^\W_])"  # a letter alone
    r"(?:[ .\-_*·|/+~]{1,3}+[^\W_](?![^\W_])){7,}+"
)
_FEWEST_SINGLE_LETTERS = 5
_LONGEST_WORD = 24
_JOINED = re.compile(rf"[^\W\d_]{{{_LONGEST_WORD},}}+")
_SHORTEST_JOINED = 3
_SHORTEST_SCRAMBLED = 5
_SHORTEST_NEW = 3

_LONGEST_REVERSED = 2_000
_FEWEST_REVERSED = 20
_LAST_REVERSED = re.compile(r"[A-Z][a-z]+")
_PIG_LATIN = re.compile(r"\b([a-z]{2,20}?)[wy]?ay\b")
_FEWEST_PIG_WORDS = 4
_LONGEST_ONSET = 4

_MARKUP = (
    r"(?></?[a-zA-Z!][^<>]{0,200}+>|\*{1,3}+|~~|__|`|\[/?[a-z]{1,5}\]"
    r"|\]\([^()\s]{0,200}+\)|\[(?=[^\[\]\s]{1,40}+\]\())"
)
_SPLIT_BY_MARKUP = re.compile(rf"[^\W_](?=[<*~_`\[\]]){_MARKUP}++[^\W_]")
_ANY_MARKUP = re.compile(_MARKUP)
_PART = r"[^\W\d_]{1,12}+"
_HYPHENATED = re.compile(rf"(?<![^\W_-]){_PART}(?:[-‐‑]\n?{_PART}){{1,12}}+(?![^\W_-])")
_HYPHENS = re.compile(r"[-‐‑]\n?")
_MARKUP_SIGNS = ("<", "*", "~~", "__", "`", "[")


FEWEST_SIGNS = 8
_BEGINNING = 100  # most texts have them there


class _Tables(NamedTuple):
    """The known words as they look in code, by what they are found with."""

    shifted: Mapping[str, int]
    mirrored: frozenset[str]
    reversed: frozenset[str]
    scrambled: Mapping[tuple[str, str, int, str], str]
    outlines: frozenset[tuple[str, str, int]]
    joined: re.Pattern[str]


@cache
def _tables() -> _Tables:
    known = sorted(word for word in lexicon().known if word.isascii())
    telltales = lexicon().telltales
    scrambled = {
        (*_outline(word), "".join(sorted(word))): word
        for word in known
        if len(word) >= _SHORTEST_SCRAMBLED
    }
    return _Tables(
        shifted={
            word.translate(shift): by
            for by, shift in enumerate(_SHIFTS)
            if by
            for word in telltales
        },
        mirrored=frozenset(word.translate(_ATBASH) for word in telltales),
        reversed=frozenset(word[::-1] for word in telltales),
        scrambled=scrambled,
        outlines=frozenset(outline[:3] for outline in scrambled),
        joined=re.compile(_longest_of(word for word in known if len(word) >= _SHORTEST_JOINED)),
    )


def may_say_something(text: str) -> bool:
    """Whether a text has enough different signs for a sentence: "ignore all" has eight."""
    return len(set(text[:_BEGINNING])) >= FEWEST_SIGNS or len(set(text)) >= FEWEST_SIGNS


def respellings(text: str, vocabulary: Vocabulary) -> Iterator[DecodedText]:
    """Yield the text in every spelling that it may have been written to be read in.

    `vocabulary` is the text's. Each reading is about as long as the text, and most texts yield none.
    """
    yield from _other_alphabets(vocabulary)
    yield from _other_orders(text, vocabulary)
    yield from _other_letters(text, vocabulary)
    if any(sign in text for sign in _MARKUP_SIGNS) and _SPLIT_BY_MARKUP.search(text):
        yield DecodedText("words split by markup", _ANY_MARKUP.sub("", text), whole=True)
    joined = {
        word: bare
        for word in set(_HYPHENATED.findall(text))
        if normalize(bare := _HYPHENS.sub("", word)) in lexicon().known
    }
    if _brings_new(vocabulary.words, map(normalize, joined.values())):
        whole = _HYPHENATED.sub(lambda word: joined.get(word.group(), word.group()), text)
        yield DecodedText(HYPHENS, whole, whole=True)
    yield from _other_spacing(text, vocabulary)


def _other_alphabets(vocabulary: Vocabulary) -> Iterator[DecodedText]:
    plain, words, tables = vocabulary.text, vocabulary.words, _tables()
    for by in sorted({tables.shifted[word] for word in words & tables.shifted.keys()}):
        yield DecodedText("shifted letters", plain.translate(_SHIFTS[-by]), whole=True)
    if not words.isdisjoint(tables.mirrored):
        yield DecodedText("a mirrored alphabet", plain.translate(_ATBASH), whole=True)
    if not words.isdisjoint(tables.reversed):
        yield DecodedText("reversed text", plain[::-1], whole=True)
    scrambled = {
        word: tables.scrambled.get((*_outline(word), "".join(sorted(word))), word)
        for word in words
        if len(word) >= _SHORTEST_SCRAMBLED and _outline(word) in tables.outlines
    }
    if sum(word != known for word, known in scrambled.items()) > 1:
        sorted_out = _WORD.sub(lambda word: scrambled.get(word.group(), word.group()), plain)
        yield DecodedText("scrambled letters", sorted_out, whole=True)


def _outline(word: str) -> tuple[str, str, int]:
    return word[0], word[-1], len(word)


def _other_orders(text: str, vocabulary: Vocabulary) -> Iterator[DecodedText]:
    if any(word in text for word in _IN_ROT47):
        yield DecodedText("rotated signs", text.translate(_ROT47), whole=True)
    for paragraph in text.split("\n\n"):
        if _is_reversed(paragraph):
            yield DecodedText(REVERSED_WORDS, " ".join(reversed(paragraph.split())), whole=True)
    if vocabulary.text.count("ay") >= _FEWEST_PIG_WORDS and _is_pig_latin(vocabulary.words):
        yield DecodedText("pig Latin", _PIG_LATIN.sub(_from_pig_latin, vocabulary.text), whole=True)


def _is_reversed(paragraph: str) -> bool:
    """Whether a paragraph begins without a capital and ends with one, as a sentence read backwards."""
    if not paragraph[:1].islower() or not _FEWEST_REVERSED < len(paragraph) <= _LONGEST_REVERSED:
        return False
    if ":" in paragraph or "\n" in paragraph.rstrip():
        return False
    last = paragraph.rpartition(" ")[2].rstrip()
    return _LAST_REVERSED.fullmatch(last) is not None


def _is_pig_latin(words: frozenset[str]) -> bool:
    odd = {word for word in words if word.endswith("ay")} - lexicon().ay_words
    return len(odd) >= _FEWEST_PIG_WORDS


def _from_pig_latin(word: re.Match[str]) -> str:
    stem, known = word[1], lexicon().known
    turned = (stem[-onset:] + stem[:-onset] for onset in range(1, _LONGEST_ONSET))
    return next((found for found in (stem, *turned) if found in known), word.group())


def _other_letters(text: str, vocabulary: Vocabulary) -> Iterator[DecodedText]:
    plain, words = vocabulary.text, vocabulary.words
    if len(_LEET.findall(plain)) > _MOST_BY_CHANCE:
        leet = "\n".join(_leet_words(plain))
        for table in (_AS_I, _AS_L):
            if _brings_new(words, leet.translate(table).split("\n")):
                yield DecodedText("digits for letters", plain.translate(table), whole=True)
    if text.isascii():
        return
    if len(_TURNED.intersection(plain)) >= _FEWEST_TURNED:
        upright = frozenset(word.translate(_UPSIDE_DOWN) for word in words)
        if _brings_new(words, (word[::-1] for word in upright)):
            yield DecodedText(
                "letters upside down", plain.translate(_UPSIDE_DOWN)[::-1], whole=True
            )
        if _brings_new(words, upright):
            yield DecodedText("letters upside down", plain.translate(_UPSIDE_DOWN), whole=True)
    lookalikes = _LOOKALIKE_SIGNS.intersection(text)
    if lookalikes:
        latin = text.translate(_LOOKALIKES)
        # Letters in squares and circles are no part of a word until they are read as letters.
        in_words = all(map(str.isalnum, lookalikes))
        if not in_words or _brings_new(words, "\n".join(words).translate(_LOOKALIKES).split("\n")):
            yield DecodedText("look-alike letters", latin, whole=True)
        yield from _other_spacing(latin, vocabulary if in_words else Vocabulary.of(latin))


def _leet_words(plain: str) -> frozenset[str]:
    """Return the words with digits for letters; of a plain text also others, which stay as they are."""
    if plain.isascii():
        return frozenset(plain.translate(_NO_LEET_WORD).split())
    return frozenset(_LEET_WORD.findall(plain))


def _brings_new(words: frozenset[str], read: Iterable[str]) -> bool:
    """Whether one of the words as they are read is a known one that the text does not have."""
    found = lexicon().known.intersection(read) - words
    return any(len(word) >= _SHORTEST_NEW for word in found)


def _other_spacing(text: str, vocabulary: Vocabulary) -> Iterator[DecodedText]:
    singles = sum(len(word) == 1 and word.isalpha() for word in vocabulary.words)
    if singles >= _FEWEST_SINGLE_LETTERS:
        yield from _apart("spaced letters", _SPACED, text)
    if max(map(len, vocabulary.words), default=0) >= _LONGEST_WORD:
        yield from _apart("joined words", _JOINED, text)


def _apart(code: str, runs: re.Pattern[str], text: str) -> Iterator[DecodedText]:
    for run in {match.group(): None for match in runs.finditer(text)}:
        if may_say_something(run):
            yield DecodedText(code, _respaced(run), whole=False)


def _respaced(run: str) -> str:
    """Return a run of letters with the known words in it set apart."""
    parts = _WORD_END.split(run)
    spaced = {part: _with_spaces(normalize(_NON_LETTERS.sub("", part))) for part in set(parts)}
    return " ".join(spaced[part] for part in parts)


def _with_spaces(word: str) -> str:
    """Return a word with the known words in it set apart, at each place the longest."""
    return _tables().joined.sub(r" \g<0> ", word)


def _longest_of(words: Iterable[str]) -> str:
    """Return a pattern for the longest of some words at a place; it reads each letter once."""
    ends: dict[str, list[str]] = {}
    for word in words:
        ends.setdefault(word[:1], []).append(word[1:])
    optional = "?+" if ends.pop("", None) else ""
    choices = "|".join(f"{first}{_longest_of(rest)}" for first, rest in ends.items())
    return f"(?:{choices}){optional}" if choices else ""
