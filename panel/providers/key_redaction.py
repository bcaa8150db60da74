"""The configured keys, taken out of everything that a server sends."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator

WORD = "[key]"
"""What a key is replaced by."""

_FEWEST_SIGNS = 10  # the shortest key that is kept secret
_FEWEST_OF_WORDS = 20  # of a passphrase: shorter ones made of words are placeholders
_WORDS = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+)(?:[-_. ](?:[A-Z]?[a-z]+|[A-Z]+))*", re.ASCII)
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+", re.ASCII)
_PARTS = re.compile(r"[A-Za-z0-9]+|\\+|.", re.ASCII | re.DOTALL)


class KnownKeys:
    """The secrets among `keys`; placeholders such as `ollama` are no secrets: see is_secret.

    A key is found in plain, quoted (as JSON or a web address quotes it) and in base64, at any offset
    of the text that was encoded. Example: `KnownKeys(["sk-4tq8Zw1x"]).scrub("no key sk-4tq8Zw1x")`
    is `"no key [key]"`.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        secrets = (key for key in dict.fromkeys(keys) if is_secret(key))
        self._spellings = [
            (_longest_run(spelling), _pattern(spelling))
            for key in secrets
            for spelling in (key, *_in_base64(key))
        ]

    def scrub(self, text: str) -> str:
        """Return `text` with a fixed word in place of each key; without a key it stays as it is."""
        for run, pattern in self._spellings:
            # No quoting changes letters and digits, and to look for them takes next to no time.
            if run in text:
                text = re.sub(pattern, WORD, text)
        return text


def is_secret(key: str) -> bool:
    """Return whether `key` may be a secret, and is no placeholder for servers that need no key.

    A secret has ten signs that do not follow from the one before (`1234` and `xxxx` do), and is not
    made of a few words alone: `sk-no-key-required`, `lm-studio`, `EMPTY` and `token-abc123` are
    placeholders, which reviews may mention.
    """
    steps = (ord(sign) - ord(before) for before, sign in zip("\0" + key, key, strict=False))
    if sum(step not in (-1, 0, 1) for step in steps) < _FEWEST_SIGNS:
        return False
    return len(key) >= _FEWEST_OF_WORDS or _WORDS.fullmatch(key) is None


def _in_base64(key: str) -> Iterator[str]:
    """Yield what every base64 text that encodes `key` holds, by the bytes that stand before it.

    Characters that also hold bits of what stands before or after are left out.
    """
    encoded = key.encode(errors="surrogatepass")
    for offset in range(3):
        characters = b64encode(bytes(offset) + encoded).decode()
        yield characters[(offset * 8 + 5) // 6 : (offset + len(encoded)) * 8 // 6]


def _longest_run(spelling: str) -> str:
    return max(_ALPHANUMERIC.findall(spelling), key=len, default="")


def _pattern(spelling: str) -> str:
    """Return a pattern for `spelling` with every character in it plain or quoted.

    It is linear in the text: what may be repeated is bounded and tried in one way only.
    """
    return "".join(
        part if _ALPHANUMERIC.match(part) else _quoted(part) for part in _PARTS.findall(spelling)
    )


def _quoted(part: str) -> str:
    """Return a pattern for a character, or a run of backslashes, however it is written in text.

    That is plain, behind backslashes, percent-encoded or as a Unicode escape. The two characters of
    base64 that web addresses need for themselves have others there.
    """
    most = 4 * len(part)
    plain = rf"\\{{{len(part)},{most}}}+" if part[0] == "\\" else rf"\\{{0,4}}{re.escape(part)}"
    bytes_ = part.encode(errors="surrogatepass")
    percent = "".join(f"%(?:25)?{byte:02x}" for byte in bytes_)
    escapes = "".join(rf"\\{{1,4}}u{ord(one):04x}" for one in part)
    in_addresses = {"+": "|-", "/": "|_"}.get(part, "")
    return rf"(?:{plain}|(?i:{percent}|{escapes}){in_addresses})"
