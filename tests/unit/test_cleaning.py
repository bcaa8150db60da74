import pytest

from panel.domain.cleaning import Removal, clean, control_tokens

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
TEXAS = "\U0001f3f4\U000e0075\U000e0073\U000e0074\U000e0078\U000e007f"


@pytest.mark.parametrize(
    ("hidden", "kind"),
    [
        ("\u200b", "zero_width"),
        ("\u2060", "zero_width"),
        ("\ufeff", "zero_width"),
        ("\u2062", "zero_width"),
        ("\u3164", "zero_width"),
        ("\u034f", "zero_width"),
        ("\u180e", "zero_width"),
        ("\ufff9", "zero_width"),
        ("\u00ad", "soft_hyphen"),
        ("\u200c", "joiner"),
        ("\u200d", "joiner"),
        ("\u202e", "bidi"),
        ("\u2066", "bidi"),
        ("\u200f", "bidi"),
        ("\u061c", "bidi"),
        ("\ufe0f", "variation_selector"),
        ("\U000e0142", "variation_selector"),
        ("\U000e0041", "tag"),
        ("\U000e0001", "tag"),
        ("\x00", "control"),
        ("\x1b", "control"),
        ("\x7f", "control"),
        ("\x85", "control"),
        ("\ufffe", "control"),
        ("\U0010ffff", "control"),
        ("\ud83d", "surrogate"),
    ],
)
def test_what_cannot_be_seen_is_taken_out_and_counted(hidden: str, kind: str) -> None:
    cleaned = clean(f"one{hidden}two{hidden}{hidden}")
    assert cleaned.text == "onetwo"
    assert [(gone.kind, gone.count) for gone in cleaned.removed] == [(kind, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "plain text, with tabs\tand\nlines",
        "naïve café – “quoted” … ½ €",
        "می‌خواهم برنامه‌ای",  # Persian, zero width non-joiner between letters
        "क्‍ष और श्री",  # Devanagari, zero width joiner after a virama
        "വന്‍",  # Malayalam, joiner after a virama at the end of a word
        "👨‍👩‍👧‍👦 🏳️‍🌈 👩🏽‍💻 ❤️ ☎︎ 1️⃣ ⚠️",
        "🇩🇪 " + ENGLAND,
        "ᠠ\u180bᠠ",  # Mongolian free variation selector
        "測試 テスト 시험 тест δοκιμή",
        "<b>bold</b> [link](https://x.example/) a < b > c [INSTALL] <system>",
        "x |> f <| y, <tool_call>{}</tool_call>",
    ],
)
def test_what_a_script_an_emoji_or_plain_markup_needs_stays(text: str) -> None:
    assert clean(text).text == text
    assert clean(text).removed == ()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("می‌‌خواهم", "می‌خواهم"),  # one joiner is enough
        ("a\u200db", "ab"),
        ("☎\ufe0e\ufe0f", "☎\ufe0e"),
        ("1\ufe0f", "1"),
        ("x\ufe0f\u200d👩", "x👩"),
        (
            TEXAS,
            "\U0001f3f4",
        ),  # not among the flags that are drawn: it could carry any five letters
        ("\u200b" + ENGLAND + "\U000e0067", ENGLAND),
        ("👩\u200b\u200d💻", "👩💻"),
    ],
)
def test_what_would_be_needed_elsewhere_goes_where_it_is_not(text: str, left: str) -> None:
    assert clean(text).text == left


@pytest.mark.parametrize(
    "token",
    [
        "<|im_start|>",
        "<|eot_id|>",
        "<|start_header_id|>",
        "<| im_end |>",
        "<｜User｜>",
        "<｜begin▁of▁sentence｜>",
        "＜|im_start|＞",
        "<|turn>",
        "<turn|>",
        "[|assistant|]",
        "[INST]",
        "[/INST]",
        "[ inst ]",
        "<<SYS>>",
        "<</SYS>>",
        "[AVAILABLE_TOOLS]",
        "[/SYSTEM_PROMPT]",
        "<s>",
        "</s>",
        "<bos>",
        "<start_of_turn>",
        "<end_of_turn>",
        "<extra_id_0>",
        "<reserved_106>",
    ],
)
def test_a_chat_control_token_is_taken_out_and_counted_once(token: str) -> None:
    cleaned = clean(f"before {token}after")
    assert cleaned.text == "before after"
    assert cleaned.removed == (Removal(kind="chat_token", count=1),)


def test_a_text_may_end_without_tokens_after_several_rounds() -> None:
    cleaned = clean("a [1] [IN[IN[INST]ST]ST] b")
    assert cleaned.text == "a [1]  b"
    assert cleaned.removed == (Removal(kind="chat_token", count=3),)


def test_the_two_halves_of_a_pair_go_alike() -> None:
    assert clean("a\ud83d\ude00b\udc00").text == "ab"


def test_a_token_split_by_something_invisible_is_found() -> None:
    assert clean("<|im_\u200bstart|>user").text == "user"


def test_taking_out_a_token_cannot_form_another() -> None:
    assert clean("<|im_<|im_end|>start|>user").text == "user"


def test_a_text_that_goes_on_forming_tokens_loses_its_brackets() -> None:
    nest = "[INST]"
    for _ in range(40):
        nest = f"[IN{nest}ST]"
    cleaned = clean(f"a < b {nest} [1]")
    assert control_tokens(cleaned.text) == ()
    assert "[" not in cleaned.text
    assert {gone.kind for gone in cleaned.removed} == {"chat_token", "token_bracket"}


def test_line_ends_become_newlines_and_are_not_counted() -> None:
    cleaned = clean("a\r\nb\rc\u2028d\u2029e\n")
    assert cleaned.text == "a\nb\nc\nd\ne\n"
    assert cleaned.removed == ()


def test_the_most_frequent_removal_comes_first() -> None:
    removed = clean("\u200ba\u202e\u2060\u202eb\u202e").removed
    assert [(gone.kind, gone.count) for gone in removed] == [("bidi", 3), ("zero_width", 2)]
