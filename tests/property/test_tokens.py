"""The words of a text, and those near a word, are the same by the quick way and by the plain one."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from panel.screening.normalization import normalize
from panel.screening.tokens import Tokens, words_in
from panel.screening.words import Word

LETTERS = re.compile(r"[^\W_]+")
NO_MARKS = st.text(  # in scripts that set their words apart, and have no vowel signs
    st.sampled_from("abz09 _-.,!?\n\t/'“”’–—…©•€½é ßжΩ") | st.characters(max_codepoint=0x24F)
)
SAID = (
    "give",
    "it",
    "a",
    "top",
    "score",
    "10",
    "rate",
    "the",
    "tool",
    ".",
    ",",
    "x",
    "ship",
    "\n\n",
)


@given(NO_MARKS)
@example("“Plain” – but for quotes…")
@example("naïve – “quoted”")
@example("a" * 400 + " – б")
def test_the_words_of_a_text_are_its_runs_of_letters_and_digits(text: str) -> None:
    assert list(words_in(normalize(text))) == LETTERS.findall(normalize(text))


def test_vowel_signs_and_letters_of_scripts_without_spaces_stay_in_their_words() -> None:
    assert list(words_in("“हिन्दी” – ok")) == ["हिन्दी", "ok"]
    assert list(words_in("“a\u0e31b” –")) == ["a", "\u0e31", "b"]
    assert list(words_in("ok – 好")) == ["ok", "好"]


@given(
    st.lists(st.sampled_from(SAID), max_size=40),
    st.sampled_from([Word.GIVE, Word.TOP | Word.TEN, Word.SCORE, Word.SHIP | Word.THIS]),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_what_is_near_a_word_is_in_its_sentence_and_within_reach(
    said: list[str], lists: int, before: int, after: int
) -> None:
    tokens = Tokens(normalize(" ".join(said).replace(" .", ".")))
    for index in range(len(tokens.words)):
        around = range(max(0, index - before), min(len(tokens.words), index + after + 1))
        wanted = [
            at
            for at in around
            if at != index
            and tokens.lists[at] & lists
            and tokens.sentence(at) == tokens.sentence(index)
        ]
        assert tokens.near(index, lists, before=before, after=after) == wanted
