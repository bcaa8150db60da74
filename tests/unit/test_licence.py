"""Licences by their SPDX names, in any spelling; what is not known stays in its own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.domain.licence import (
    Licence,
    is_delayed,
    is_named,
    read_licences,
    strictness,
    with_exception,
    write_licences,
)
from panel.domain.tool import MOST_OF_A_LINE
from panel.spdx import licence_table

TABLE = licence_table()


def read(line: str) -> list[tuple[str, str | None]]:
    return [(one.text, one.openness) for one in read_licences(line, TABLE)]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("AGPLv3", "AGPL-3.0"),
        ("GNU Affero General Public License v3.0 or later", "AGPL-3.0-or-later"),
        ("GPL-3.0-only", "GPL-3.0-only"),
        ("GPLv2+", "GPL-2.0-or-later"),
        ("LGPL 2.1", "LGPL-2.1"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("ASL 2.0", "Apache-2.0"),
        ("Apache 2", "Apache-2.0"),
        ("GPL version 3.0.0", "GPL-3.0"),
        ("the MIT License (MIT)", "MIT"),
        ("3-clause BSD", "BSD-3-Clause"),
        ("New BSD License", "BSD-3-Clause"),
        ("Boost Software License", "BSL-1.0"),
        ("European Union Public Licence 1.2", "EUPL-1.2"),
        ("Creative Commons Attribution-ShareAlike 4.0 International", "CC-BY-SA-4.0"),
        ("CC0", "CC0-1.0"),
        ("MIT/Apache-2.0", "MIT OR Apache-2.0"),
        ("GPL", "GPL"),
        ("Apache", "Apache"),
        ("CC BY", "CC BY"),
    ],
)
def test_an_open_licence_has_its_name_in_any_spelling(said: str, name: str) -> None:
    assert read(said) == [(name, "open")]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Business Source License 1.1", "BUSL-1.1"),
        ("BSL 1.1", "BUSL-1.1"),
        ("Business Source Licence", "Business Source Licence"),
        ("SSPLv1", "SSPL-1.0"),
        ("Server Side Public License", "Server Side Public License"),
        ("ELv2", "Elastic-2.0"),
        ("Elastic License 2.0", "Elastic-2.0"),
        ("FSL-1.1", "FSL-1.1"),
        ("CC BY-NC 4.0", "CC-BY-NC-4.0"),
        ("Llama 3.1 Community License", "Llama 3.1 Community License"),
        ("Acme Non-Commercial License", "Acme Non-Commercial License"),
        ("n8n Sustainable Use License", "n8n Sustainable Use License"),
        ("Apache 2.0 with Commons Clause", "Apache-2.0 WITH Commons Clause"),
    ],
)
def test_what_is_source_available_is_not_open(said: str, name: str) -> None:
    assert read(said) == [(name, "source-available")]


def test_proprietary_is_told_apart() -> None:
    assert read("proprietary") == [("proprietary", "proprietary")]
    assert read("All rights reserved") == [("All rights reserved", "proprietary")]


@pytest.mark.parametrize(
    "said",
    ["KESTREL RESEARCH LICENSE", "open source", "open weights", "CC", "Oracle", "MIT-ish", "自由软件",
     "MIT or the Kestrel licence", "MIT with a twist", "a-" * 30, "- ; ()"],
)  # fmt: skip
def test_what_is_not_known_stays_in_its_words_and_is_not_classified(said: str) -> None:
    assert [openness for _, openness in read(said)] in ([None], [None, None])
    assert read_licences(said, TABLE)[0].name in said


@pytest.mark.parametrize(
    "line",
    ["MIT (code); CC BY-NC 4.0 (weights)", "CC-BY-NC-4.0 (weights), MIT (code)",
     "MIT (code), and CC BY-NC 4.0 (weights)"],
)  # fmt: skip
def test_of_several_licences_the_stricter_leads(line: str) -> None:
    assert read(line) == [("CC-BY-NC-4.0 (weights)", "source-available"), ("MIT (code)", "open")]


def test_several_in_a_list_are_several_and_a_choice_is_one() -> None:
    assert [name for name, _ in read("MIT and CC BY-NC 4.0")] == ["CC-BY-NC-4.0", "MIT"]
    assert [name for name, _ in read("MIT, GPLv3 (core)")] == ["GPL-3.0 (core)", "MIT (core)"]
    assert read("AGPLv3 or commercial") == [("AGPL-3.0 OR commercial", "open")]
    assert read("Kestrel and Heron Licence") == [("Kestrel and Heron Licence", None)]


@pytest.mark.parametrize(
    ("said", "name", "category"),
    [
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception", "permissive"),
        ("Apache License v2.0 with LLVM Exceptions", "Apache-2.0 WITH LLVM-exception", "permissive"),
        ("GPLv3 with a linking exception", "GPL-3.0 WITH linking exception", "copyleft"),
        ("GPLv2 or later with Classpath exception",
         "GPL-2.0-or-later WITH Classpath-exception-2.0", "copyleft"),
        ("GPLv3 or later with GCC exception", "GPL-3.0-or-later WITH GCC exception", "copyleft"),
        ("BSD-3-Clause WITH Independent-modules-exception",
         "BSD-3-Clause WITH Independent-modules-exception", "permissive"),
        ("LGPL-2.1 with the OCaml LGPL linking exception",
         "LGPL-2.1 WITH OCaml-LGPL-linking-exception", "copyleft"),
        ("GPL-3.0 WITH GCC-exception-3.1 OR MIT", "GPL-3.0 WITH GCC-exception-3.1 OR MIT",
         "permissive"),
        ("GPLv3 with a non-commercial exception", "GPLv3 with a non-commercial exception",
         "source-available"),
        ("MIT WITH Kestrel-exception", "MIT WITH Kestrel-exception", None),
        ("Kestrel Licence WITH LLVM-exception", "Kestrel Licence WITH LLVM-exception", None),
        ("AGPL-3.0 with Commons Clause or commercial", "AGPL-3.0 WITH Commons Clause OR commercial",
         "source-available"),
    ],
)  # fmt: skip
def test_an_exception_stays_with_its_licence_and_makes_it_no_stricter(
    said: str, name: str, category: str | None
) -> None:
    assert [(one.name, one.category) for one in read_licences(said, TABLE)] == [(name, category)]


@pytest.mark.parametrize(
    ("licence", "passage", "whole"),
    [
        ("Apache-2.0", "under Apache 2.0 with LLVM Exceptions", "Apache-2.0 WITH LLVM Exceptions"),
        ("GPLv3", "the GPL-3.0 WITH GCC-exception-3.1.", "GPLv3 WITH GCC-exception-3.1"),
        ("MIT", "MIT for the docs, Apache-2.0 WITH LLVM-exception for the code", "MIT"),
        ("Apache-2.0", "under Apache-2.0, with one exception: the logo", "Apache-2.0"),
        ("MIT", "under the MIT licence with the best support", "MIT"),
        ("GPL-3.0 WITH GCC-exception-3.1", "GPL-3.0 with Classpath-exception-2.0",
         "GPL-3.0 WITH GCC-exception-3.1"),
    ],
)  # fmt: skip
def test_a_licence_takes_the_exception_that_stands_right_behind_it(
    licence: str, passage: str, whole: str
) -> None:
    assert with_exception(licence, passage) == whole


def test_strictness_falls_from_proprietary_to_the_public_domain() -> None:
    line = "CC0; MIT; GPLv3; Kestrel Licence; SSPL-1.0; proprietary"
    found = read_licences(line, TABLE)
    assert [one.name for one in found] == [
        "proprietary", "SSPL-1.0", "Kestrel Licence", "GPL-3.0", "MIT", "CC0-1.0",
    ]  # fmt: skip
    assert [strictness(one) for one in found] == sorted(map(strictness, found))


@pytest.mark.parametrize(
    ("licence", "passage", "named"),
    [
        ("AGPL-3.0", "It is fully under the AGPLv3 licence", True),
        ("MIT", "Licensed under the MIT License", True),
        ("MIT", "MIT", True),
        ("MIT", "It grew out of a thesis at MIT", False),
        ("Apache-2.0", "Streamloom reads Apache Kafka topics into it", False),
        ("Apache-2.0", "under the Apache licence", True),
        ("GPL-2.0", "under the GPLv3", False),
        ("GPL-3.0-or-later", "released under GPLv3 or later", True),
        ("BUSL-1.1", "under the Business Source License 1.1", True),
        ("MIT", "Das Programm steht unter der MIT-Lizenz und bleibt dort", True),
        ("MIT", "Проект распространяется под лицензией MIT, как и прежде", True),
        ("MIT", "Entstanden aus einer Arbeit am MIT in Boston", False),
        ("CC-BY-NC-4.0", "MIT for the code, CC BY-NC 4.0 for the weights", True),
        ("Apache-2.0", "under the MIT licence", False),
        ("MIT", "", False),
    ],
)
def test_a_passage_names_a_licence_or_does_not(licence: str, passage: str, *, named: bool) -> None:
    assert is_named(licence, passage) is named


def test_a_licence_that_turns_into_another_is_known_as_such() -> None:
    assert is_delayed("the Business Source License 1.1, which turns into Apache 2.0")
    assert is_delayed("FSL-1.1-MIT")
    assert is_delayed("BSL 1.1")
    assert not is_delayed("BSL-1.0")
    assert not is_delayed("under the Apache licence")


@pytest.mark.parametrize(
    ("expression", "line"),
    [
        ("(MIT OR Apache-2.0) AND CC-BY-4.0", "MIT OR Apache-2.0; CC-BY-4.0"),
        ("MIT AND (Apache-2.0 OR BSD-3-Clause)", "MIT; Apache-2.0 OR BSD-3-Clause"),
        ("(MIT AND Zlib) OR Apache-2.0", "MIT AND Zlib OR Apache-2.0"),
        ("((MIT AND Zlib) OR Apache-2.0) AND ISC", "MIT AND Zlib OR Apache-2.0; ISC"),
        ("(MIT OR Apache-2.0)", "MIT OR Apache-2.0"),
        ("Kestrel (research) Licence", "Kestrel,research Licence"),
    ],
)
def test_the_parts_of_an_expression_are_licences_of_their_own(expression: str, line: str) -> None:
    assert write_licences([(expression, None)]) == line


NAMES = st.sampled_from(["MIT", "AGPLv3", "CC BY-NC 4.0", "Kestrel (research) Licence", "a; b"])
COVERS = st.none() | st.sampled_from(["code", "weights", "docs (all); data"])


@given(st.lists(st.tuples(NAMES, COVERS), max_size=6))
def test_licences_are_read_back_from_their_line(licences: list[tuple[str, str | None]]) -> None:
    line = write_licences(licences)
    found = read_licences(line, TABLE)
    assert len(found) == len(set(licences))
    assert read_licences("; ".join(one.text for one in found), TABLE) == found
    assert read_licences(line, TABLE) == found


@given(st.text(max_size=400))
def test_any_line_is_read_and_nothing_is_made_up(line: str) -> None:
    found = read_licences(line, TABLE)
    assert [strictness(one) for one in found] == sorted(map(strictness, found))
    assert all(one.openness is not None or one.spdx is None for one in found)
    assert all(isinstance(one, Licence) for one in found)


def test_a_known_licence_has_its_spdx_identifier() -> None:
    assert [one.spdx for one in read_licences("AGPLv3; MIT; Kestrel Licence", TABLE)] == [
        None,
        "AGPL-3.0",
        "MIT",
    ]


def test_a_line_of_licences_is_cut_without_the_signs_that_part_them() -> None:
    long = "X" * (MOST_OF_A_LINE - 2)
    assert write_licences([(long, None), ("MIT", None)]) == long
    assert write_licences([("a; b", None)]) == "a, b"
