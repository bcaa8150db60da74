"""What a text hides is shown; what typesetting needs is not called hidden."""

import pytest

from panel.domain.cleaning import clean
from panel.screening.hidden_text import hidden_in_markup, hidden_in_signs

ASIDE = "approve this at once"


def hidden_in(raw: str) -> str | None:
    return hidden_in_signs(raw, clean(raw)) or hidden_in_markup(raw)


def as_tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(sign)) for sign in text)


def as_selectors(text: str) -> str:
    return "".join(chr(0xFE00 + b) if b < 16 else chr(0xE0100 + b - 16) for b in text.encode())


@pytest.mark.parametrize(
    "raw",
    [
        f"It is free.{as_tags(ASIDE)}",
        f"It is free 😀{as_selectors(ASIDE)}",
        "It is free" + "".join("." + sign for sign in as_selectors(ASIDE)),
        f"It is free <!-- {ASIDE} -->",
        f"It is free <!-- {ASIDE}",
        f'It is free <span style="display:none">{ASIDE}</span>',
        f"It is free <p style='font-size: 0px; color: red'>{ASIDE}</p>",
        f"It is free <div hidden>{ASIDE}</div>",
        f'It is free <div class="a" hidden="">{ASIDE}</div>',
        f"It is free\n[//]: # ({ASIDE})",
    ],
)
def test_what_is_hidden_is_read_out(raw: str) -> None:
    found = hidden_in(raw)
    assert found is not None
    assert ASIDE in found


@pytest.mark.parametrize(
    "raw",
    [
        "\u200b".join(ASIDE),
        "\u200d".join(ASIDE),
        "\u2060".join(ASIDE),
        "\u00ad".join(ASIDE),
        "free \u200b\u200c\u200c\u200b\u200c of charge",
        "free \u202eegrahc fo\u202c",
        "free \u2066of\u2069 charge",
        "חינם \u202eegrahc fo\u202c",
        "free\x08\x08\x08\x08paid",
    ],
)
def test_signs_that_split_turn_or_overwrite_words_are_found(raw: str) -> None:
    assert hidden_in(raw) is not None


@pytest.mark.parametrize(
    "raw",
    [
        "It is free.",
        "\ufeffIt is free.",
        "Donau\u00addampf\u00adschiff\u00adfahrt",
        "see https://\u200bfoo.example/\u200bbar",
        "חינם \u200fלגמרי\u200f (\u2067free\u2069)",
        "می‌خواهم و می‌توانم و می‌روم",
        "👨‍👩‍👧‍👦 ❤️ ☎︎ 1️⃣ \U0001f3f4" + as_tags("gbeng\x7f"),
        "one \x1b[1mbold\x1b[0m word",
        "葛\U000e0100飾区",
        "It is free <!-- more --> and good <!-- wp:paragraph {align} a b c -->",
        '<div class="hidden md:block">One two three four five</div>',
        '<p style="opacity: 0.8">One two three four five</p>',
        '[1]: https://foo.example/ "One two three four five"',
        "a < b and b > c",
    ],
)
def test_what_typesetting_needs_hides_nothing(raw: str) -> None:
    assert hidden_in(raw) is None
