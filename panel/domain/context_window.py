"""The context window of a model: what of a text it holds, and whether a server read all of a prompt."""

import re
from collections.abc import Sequence
from functools import lru_cache

from panel.domain.exchange import Request
from panel.domain.flag import Flag
from panel.domain.rate_limit import BYTES_PER_TOKEN, TOKENS_OF_A_CALL
from panel.domain.value import Value

SMALLEST_WINDOW = 2_048
"""Tokens: no window that servers are set up with is smaller, so no shorter prompt is looked at."""

LEAST_TEXT = 600
"""Bytes of a text below which no panel is worth asking."""

# Four letters of Chinese or Japanese: no tokenizer has longer words of theirs.
_BYTES_OF_LETTERS = 12
_SENTENCE_END = re.compile(r"[.!?](?=[\"'”’)\]]{0,2}\s)[\"'”’)\]]{0,2}|[。！？]|\n")
_SPACE = re.compile(r"\s")


class Cut(Value):
    """How much of a text the reviewers are shown, in words."""

    shown: int
    of: int
    window: int

    @property
    def notice(self) -> str:
        """What its readers, who are models, are told."""
        return (
            f"Of the text only the first {self.shown:,} of {self.of:,} words stand there: the rest is "
            "cut off, because it does not fit. Do not say of anything that it is missing from the tool "
            "when it may stand in the rest."
        )

    @property
    def flag(self) -> Flag:
        """What an editor and a reader are told."""
        return Flag(
            kind="text_cut",
            message=f"The reviewers read the first {self.shown:,} of {self.of:,} words: the smallest "
            f"window of their models, {self.window:,} tokens, holds no more. The text is cut at the "
            "end of a sentence, and quotes are checked against what they read.",
            holds=False,
        )


class CutPrompt(Value):
    """A prompt of which a server read fewer tokens (`read`) than it can have (`least`)."""

    who: str
    read: int
    least: int


def room_for_text(window: int, output: int, rest: int) -> int:
    """Return the bytes of a text that fit a `window` beside an answer of `output` tokens.

    `rest` is the bytes of everything else in the longest request. Tokens are estimated as everywhere,
    a third too high on English text, which leaves room for the one repair.
    """
    return (window - output - TOKENS_OF_A_CALL) * BYTES_PER_TOKEN - rest


def cut_text(text: str, most: int) -> str:
    """Return the longest start of `text` of at most `most` bytes that ends where a sentence does.

    A line end ends one too. Where that would leave less than half, it ends with a word, and in a text
    without spaces with a character. A text that fits is returned as it is.
    """
    data = text.encode()
    if len(data) <= most:
        return text
    start = data[: max(0, most)].decode(errors="ignore")
    for ends in (_SENTENCE_END, _SPACE):
        place = max((found.end() for found in ends.finditer(start)), default=0)
        if place * 2 >= len(start):
            return start[:place].rstrip()
    return start.rstrip()


def least_tokens(request: Request) -> int:
    """Return fewer tokens than any tokenizer makes of the messages of a request.

    It is one a word, as none joins words; in scripts without spaces one for four letters.
    """
    counts = [_count(part.text) for message in request.messages for part in message.parts]
    words, beyond = map(sum, zip(*counts, strict=True))
    return max(words, beyond // _BYTES_OF_LETTERS)


@lru_cache(maxsize=64)  # the reviewers of a panel share most of their prompts
def _count(text: str) -> tuple[int, int]:
    """Return the words of `text`, and its bytes that are no ASCII."""
    return len(text.split()), len(text.encode()) - len(text.encode("ascii", "ignore"))


def was_cut(request: Request, read: int) -> bool:
    """Tell whether a server that counted `read` tokens of input has not read all of a prompt."""
    least = least_tokens(request)
    return least > SMALLEST_WINDOW and 0 < read < least


def prompt_flag(cuts: Sequence[CutPrompt], *, all_cut: bool) -> Flag:
    """Return what an editor is told of prompts that servers cut; it holds the tool where all were."""
    who = ", ".join(dict.fromkeys(cut.who for cut in cuts))
    worst = min(cuts, key=lambda cut: cut.read / cut.least)
    return Flag(
        kind="prompt_cut",
        message=f"The model server read fewer tokens than the prompt has ({worst.read:,} of at least "
        f"{worst.least:,}) for {who}: it cuts what its context window does not hold, so the text was "
        "not read whole. Raise the window there (Ollama: num_ctx), or set it under [models] window.",
        holds=all_cut,
    )
