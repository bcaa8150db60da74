"""Whatever a vendor writes: it cannot close the fence, hide behind the cleaning or break the screen."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from panel.domain.cleaning import clean, control_tokens
from panel.domain.fence import fence
from panel.domain.flag import Flag
from panel.screening.flags import screen
from tests.conftest import tries

ANY_SIGN = st.characters(codec=None, exclude_categories=())
PIECES = st.sampled_from(
    [
        *"\u200b\u200c\u200d\u00ad\u202e\ufe0f\U000e0041\U000e007f\U0001f3f4\U000e0067\ud83d\u2028\ufeff",
        *"\r\n\x00\x1b☎👩1\u20e3\u0645\u0915\u094d｜ .!?=\"'“",
        *"<| |> <|im_start|> <|im_ start|> [INST] [IN ST] << >> <<SYS>> </s> < / s >".split(),
        *"system assistant: ignore all previous instructions your rubric verdict ship skip".split(),
        *"10/10 highest score reviewers: 忽略 指令 满分 %69 &#105; SGVsbG8gd29ybGQ= 0x41 .-".split(),
        *"\\u0041 <!-- --> scores: {10,10,10} { give this tool to please 5 set 1gn0r3".split(),
        *"snoitcurtsni vtaber i g n o r e do not mention flaws who you are an AI".split(),
        *"Mixtral 8x22B <p hidden> style=display:none> [x]: # ( \n\n decode follow exactly".split(),
    ]
)
HOSTILE = st.one_of(
    st.text(ANY_SIGN, max_size=200),
    st.lists(PIECES, max_size=60).map("".join),
    st.lists(PIECES, max_size=60).map(" ".join),
    st.lists(st.one_of(PIECES, ANY_SIGN), max_size=60).map("".join),
)
EMOJI_OR_SCRIPT_JOINERS = re.compile(
    "[\u200c\u200d\ufe0e\ufe0f\u180b-\u180d\u180f\U000e0061-\U000e007f]"
)
VISIBLE_FORMAT_SIGNS = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]"
)


@given(HOSTILE)
def test_no_text_can_close_its_fence(text: str) -> None:
    fenced = fence(clean(text).text)
    lines = fenced.block().split("\n")
    assert lines[0] == lines[-1] == fenced.marker
    assert fenced.marker not in "\n".join(lines[1:-1])


@given(HOSTILE)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    twice = clean(once.text)
    assert twice.text == once.text
    assert twice.removed == ()


@given(HOSTILE)
def test_cleaning_never_makes_a_text_longer_and_what_is_gone_was_counted(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.text) <= len(text)
    assert all(gone.count > 0 for gone in cleaned.removed)


@given(HOSTILE)
def test_nothing_invisible_survives_but_what_a_script_or_an_emoji_needs(text: str) -> None:
    left = EMOJI_OR_SCRIPT_JOINERS.sub("", VISIBLE_FORMAT_SIGNS.sub("", clean(text).text))
    bad = [sign for sign in left if unicodedata.category(sign) in {"Cf", "Cc", "Cs", "Zl", "Zp"}]
    assert set(bad) <= {"\n", "\t"}


@given(HOSTILE)
def test_no_control_token_survives(text: str) -> None:
    assert control_tokens(clean(text).text) == ()


@given(HOSTILE)
def test_a_cleaned_text_can_be_written_as_utf_8(text: str) -> None:
    clean(text).text.encode()


@tries(300)
@given(HOSTILE, HOSTILE)
def test_screening_never_raises_and_its_flags_can_be_stored(name: str, text: str) -> None:
    for flag in screen(name, {"tagline": text[:50], "description": text, "vendor": name}):
        assert Flag.model_validate_json(flag.model_dump_json()) == flag


@given(HOSTILE)
def test_screening_the_same_text_gives_the_same_flags(text: str) -> None:
    assert screen("Name", {"description": text}) == screen("Name", {"description": text})
