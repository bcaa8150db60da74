"""The configured keys, taken out of what servers send, however they are spelt there."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cached_property

WORD = "[key]"
"""What stands where a key stood."""

FEWEST = 8
"""The characters of the shortest key that is a secret; `unused`, `none` and `ollama` are not."""

# Repeats are bounded, or a long run of backslashes would take quadratic time.
_SPACES = r"00(?:0[9a-d]|20|a0)|20(?:0[0-9a]|2[89f]|5f)|3000"
_GAP = rf"(?:\s|\\{{1,4}}(?:[nrt]|u(?:{_SPACES}))){{,16}}"
_GAPS = re.compile(r"\\[nrt]")
_CODED = re.compile(rf"%(?:25)*[2-7][0-9a-f]|\\(?:(?:u00|x)[2-7]|u(?:{_SPACES}))|&#", re.IGNORECASE)
_SAFE = str.maketrans("+/", "-_")


class KnownKeys:
    r"""The secrets among `keys`: what is scrubbed shows none of them.

    A key is found in plain, backwards, in hexadecimal and in base64 at any offset, in large letters
    and small, with spaces and line breaks in between; in plain and backwards also where some of its
    characters are written as %XX, \u00XX, \xXX or &#NN;.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = tuple(dict.fromkeys(key for key in keys if len(key) >= FEWEST))
        # The first letter is left out: after a backslash it may be taken for a part of a gap.
        self._bare = tuple(_bare(text)[1:] for key in self._keys for text in _spellings(key))

    def scrub(self, text: str) -> str:
        """Return `text` with a fixed word in place of each key; without a key it stays as it is."""
        return self._pattern.sub(WORD, text) if self._may_stand_in(text) else text

    def _may_stand_in(self, text: str) -> bool:
        """Tell at little cost whether it is worth to look closely, which takes ten times as long."""
        if not self._keys:
            return False
        if any(sign in text for sign in ("%", "\\u", "\\x", "&#")) and _CODED.search(text):
            return True
        bare = _bare(text)
        return any(key in bare for key in self._bare)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # It takes up to 50 ms to compile, and few servers ever give cause to.
        branches = (branch for key in self._keys for branch in _branches(key))
        return re.compile("|".join(branches), re.IGNORECASE)


def _spellings(key: str) -> Iterator[str]:
    """Yield what a key looks like in each coding, without gaps."""
    yield key
    yield key[::-1]
    yield key.encode().hex()
    for core in _cores(key):
        yield core
        yield core.translate(_SAFE)


def _cores(key: str) -> Iterator[str]:
    """Yield what each base64 text with `key` in it has in it, by the bytes that stand before it.

    Letters that also hold bits of what stands before or after are left out.
    """
    coded = key.encode()
    for offset in range(3):
        letters = b64encode(bytes(offset) + coded).decode()
        yield letters[(offset * 8 + 5) // 6 : (offset + len(coded)) * 8 // 6]


def _branches(key: str) -> Iterator[str]:
    """Yield a pattern for each coding of `key`."""
    yield _GAP.join(map(_letter, key))
    yield _GAP.join(map(_letter, key[::-1]))
    yield _GAP.join(key.encode().hex())
    for core in _cores(key):
        yield _GAP.join(letter if letter.isalnum() else _either(letter) for letter in core)


def _either(letter: str) -> str:
    return f"(?:{_letter(letter)}|{_letter(letter.translate(_SAFE))})"


def _letter(letter: str) -> str:
    """Return a pattern for `letter`, as it is or written as a number."""
    code = ord(letter)
    plain = letter if letter.isalnum() else rf"\\{{,4}}{re.escape(letter)}"
    lead = r"%(?:25){,2}|\\{1,4}(?:u00|x)|&#x0{,4}"
    return rf"(?:{plain}|(?:{lead}){code:02x};?|&#0{{,4}}{code};?)"


def _bare(text: str) -> str:
    """Return `text` in small letters, without gaps and backslashes."""
    if any(gap in text for gap in ("\\n", "\\r", "\\t")):
        text = _GAPS.sub("", text)
    return "".join(text.replace("\\", "").split()).lower()
