"""Every pattern of screening takes time that grows with the text, whatever the text is."""

import json
import re
import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.screening.flags import screen
from tests.conftest import tries
from tests.hang_guard import ENDLESS_S, Hang, guarded
from tests.screening_rows import shapes

# In an interpreter of its own, so that no pattern is compiled before it is watched.
WATCH = """
import json, pkgutil, re, sys
from importlib import import_module

import yaml

found, compile_ = {}, re.compile

def watch(pattern, flags=0):
    compiled = compile_(pattern, flags)
    module = sys._getframe(1).f_globals["__name__"]
    if module.startswith("panel.screening.") or module == "panel.domain.cleaning":
        found.setdefault(f"{module}: {compiled.pattern}", (compiled.pattern, compiled.flags))
    return compiled

re.compile = watch
import panel.screening

for module in pkgutil.iter_modules(panel.screening.__path__, "panel.screening."):
    import_module(module.name)
sys.modules["panel.screening.flags"].screen("Rowboat", {"description": "Rowboat 写作 a b c"})
print(json.dumps(found))
"""


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Return every pattern that the package compiles, by where it is."""
    ran = subprocess.run(
        [sys.executable, "-c", WATCH], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    found = json.loads(ran.stdout)
    return {place: re.compile(pattern, flags) for place, (pattern, flags) in found.items()}


ANY_SIGN = st.characters(codec=None, exclude_categories=())


def search(place: str, pattern: re.Pattern[str], text: str, *, seconds: float = ENDLESS_S) -> None:
    """Look for a pattern wherever it may begin, as whatever is done with it does."""
    with guarded(f"{place[:200]} in {text[:40]!r}..., {len(text)} characters", seconds):
        for _ in pattern.finditer(text):
            pass


def repeated(token: str, length: int) -> str:
    return (token * (length // len(token) + 1))[:length]


def test_the_patterns_of_every_module_are_known() -> None:
    modules = {place.partition(":")[0].rpartition(".")[2] for place in patterns()}
    assert modules >= {"cleaning", "encoded_text", "obfuscated_text", "hidden_text", "name_check"}
    assert any("忽略|" in place or "忽(?:" in place for place in patterns())
    assert len(patterns()) > 40


def test_no_pattern_backtracks_over_sixty_tokens() -> None:
    for place, pattern in patterns().items():
        for token in shapes().values():
            for tail in ("\x00", "x", "\n!"):
                search(place, pattern, f"x{token * 60}{tail}")


@pytest.mark.slow
def test_every_pattern_takes_two_hundred_kilobytes_of_one_sign() -> None:
    for place, pattern in patterns().items():
        for sign in 'a1A*+-. \n<["\\\u200b':
            search(place, pattern, f"x{sign * 200_000}")


@pytest.mark.long
@pytest.mark.slow
def test_every_pattern_takes_thirty_kilobytes_of_any_token() -> None:
    for place, pattern in patterns().items():
        for token in shapes().values():
            search(place, pattern, f"x{repeated(token, 30_000)}\x00", seconds=1)


@tries(200)
@given(st.data())
def test_what_a_pattern_matches_may_be_repeated(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(sorted(patterns())), label="pattern")
    pattern = patterns()[place]
    matched = data.draw(st.from_regex(pattern, alphabet=ANY_SIGN), label="match")
    first = data.draw(st.integers(0, len(matched)), label="first")
    last = data.draw(st.integers(first, len(matched)), label="last")
    part = matched[first:last] or "x"
    search(place, pattern, matched[:first] + part * 60 + "\x00" + matched[last:])
    search(place, pattern, "x" + repeated(part, 20_000) + "\x00")


@pytest.mark.long
@pytest.mark.slow
def test_two_hundred_kilobytes_of_any_shape_are_screened() -> None:
    for name, token in shapes().items():
        text = repeated(token, 200_000).encode()[:200_000].decode("utf-8", "ignore")
        with guarded(name):
            screen("Rowboat", {"description": text})


def test_the_guard_stops_a_pattern_that_backtracks() -> None:
    with pytest.raises(Hang, match="two stars"), guarded("two stars", 0.2):
        re.search(r"a(?:\*{1,3}|\*\*)+b", "a" + "*" * 60)
