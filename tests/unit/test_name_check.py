"""A text about another name than the title's is noticed; a comparison is not."""

import pytest

from panel.screening.name_check import other_name


@pytest.mark.parametrize(
    ("name", "description", "texted"),
    [
        ("Mistral 8x24B", "Out now: Mixtral 8x22B, a model.", "Mixtral 8x22B"),
        ("Brio 8x24B", "The weights of 8x22B are out.", "8x22B"),
        ("Foo 3.5", "It is Foo 3.0 with a new coat.", "Foo 3.0"),
        ("Rowboat Sync", "Rawboat keeps tables in step.", "Rawboat"),
        ("Clipscribe", "ClipScrube writes down what you say.", "ClipScrube"),
        ("Transcriptor", "Trancsriptor writes down what you say.", "Trancsriptor"),
    ],
)
def test_another_name_in_the_text_is_noticed(name: str, description: str, texted: str) -> None:
    found = other_name(name, {"description": description})
    assert found is not None
    assert found.texted == texted


def test_the_tagline_is_read_too() -> None:
    found = other_name("Foo 2X4", {"tagline": "Foo 2X5 is here", "description": "It makes notes."})
    assert found is not None
    assert (found.titled, found.texted) == ("Foo 2X4", "Foo 2X5")


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("Mistral 8x24B", "Mistral 8x24B does more than Mixtral 8x22B."),
        ("Foo v2", "Twice as fast as before, and better than Foo v1."),
        ("Coder 4B", "It runs on 8B of memory and needs 6B more."),
        ("4B", "It has 8B."),
        ("Gatekeep for Agents", "Gatekeep sits between an Agent and its tools."),
        ("Notelark", "Notelarks write notes."),
        ("Larks", "Park a note."),
        ("Otter", "Utter a word, and it is written."),
        ("Foobar", "It replaces Foobat and Fooban."),
        ("clipscribe", "Clipscrobe is not ours."),
        ("Foo", "Fob and Fop are other tools."),
        ("Foobar", ""),
        ("", "Foobar makes notes."),
        ("Tool 24 Pro", "Made by 12 people, 24 hours a day."),
        ("工具 3", "这是一个工具。"),
    ],
)
def test_the_same_name_a_comparison_or_another_word_is_not(name: str, description: str) -> None:
    assert other_name(name, {"description": description}) is None


def test_without_a_text_there_is_nothing_to_differ() -> None:
    assert other_name("Foobar 8x24B", {"vendor": "Foobar 8x22B Ltd"}) is None
