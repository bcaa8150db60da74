"""The fence around vendor text: two marker lines that the text between them cannot contain."""

from hashlib import sha256
from typing import Self

from pydantic import model_validator

from panel.domain.value import Value

MARKER_HEX_DIGITS = 32  # 128 bits


class Fenced(Value):
    """A text and the marker that closes it; a text that contains its marker is refused."""

    marker: str
    text: str

    @model_validator(mode="after")
    def _text_cannot_close_the_fence(self) -> Self:
        if self.marker in self.text:
            raise ValueError("the text contains its own fence marker: change one character of it")
        return self

    def block(self) -> str:
        """Return marker line, text, marker line; no line end after the last."""
        return f"{self.marker}\n{self.text}\n{self.marker}"


def fence(text: str) -> Fenced:
    """Return the text with its marker: the first 128 bits, in hex, of the SHA-256 of its UTF-8.

    The marker depends on the text alone, so it is the same for every persona and in every replay,
    and nobody can write a text that contains its own. Raises ValueError if one does all the same.
    """
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Fenced(marker=digest[:MARKER_HEX_DIGITS], text=text)
