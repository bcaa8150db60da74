"""`shipskip review`: what an editor gets, on a screen and as data, and what is refused."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from tests.commands.shop import EXAMPLES, TOOL, Shop

PROMISED = {
    "v", "run", "tool", "verdict", "reviews", "flags", "usage", "cost_usd", "engine", "path", "page",
}  # fmt: skip


def test_without_a_key_the_checklist_answers_and_says_that_no_model_was_asked(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool())
    assert ran.code == 0
    assert re.match(
        r"Quillbase: checklist: \d+ signals? for, \d+ against, \d+ absent; (SHIP|SKIP)", ran.out
    )
    assert "of 10" not in ran.out
    assert "No model was asked: the built-in checklist filled in these ballots." in ran.out
    assert "4 reviewers, by the built-in checklist: no model is asked" in ran.err
    assert all(name in ran.out for name in ("Builder", "Skeptic", "Futurist", "Business analyst"))
    page = shop.root / "site" / "tools" / "quillbase" / "index.html"
    assert str(page) in ran.out
    assert "no model was asked" in page.read_text(encoding="utf-8").casefold()


def test_progress_is_a_plain_line_a_reviewer_where_there_is_no_terminal(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool())
    assert "\x1b" not in ran.err + ran.out
    assert "\r" not in ran.err + ran.out
    assert [line.rpartition(" (")[2] for line in ran.err.splitlines()[1:]] == [
        "1 of 4)", "2 of 4)", "3 of 4)", "4 of 4)",
    ]  # fmt: skip


def test_no_line_is_wider_than_80_signs_without_a_terminal_save_for_paths(shop: Shop) -> None:
    ran = shop.shipskip("review", EXAMPLES / "mistral-8x24b.md", EXAMPLES / "rowboat-sync.md")
    lines = [line for line in ran.out.splitlines() if str(shop.root) not in line]
    assert len(lines) > 12
    assert max(map(len, lines)) <= 80


def test_json_is_one_document_with_all_that_is_promised_and_nothing_else(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool(), "--json")
    assert ran.code == 0
    assert ran.err == ""
    assert ran.document.keys() >= PROMISED
    assert ran.document["v"] == 1
    assert ran.document["engine"] == "checklist"
    assert ran.document["notice"] == "no model was asked"
    assert ran.document["path"] == str(shop.run)
    assert Path(ran.document["page"]).with_name("index.json").is_file()
    verdict = ran.document["verdict"]
    assert verdict["decision"] in ("ship", "skip")
    assert len(verdict["ships"]) + len(verdict["skips"]) == 4
    assert {one["reviewer"] for one in ran.document["reviews"]} == {
        "builder", "business_analyst", "futurist", "skeptic",
    }  # fmt: skip


def test_jsonl_tells_each_event_and_ends_with_the_document(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool(), "--jsonl")
    events = ran.events
    assert {event["v"] for event in events} == {1}
    assert [event["ev"] for event in events].count("review.done") == 4
    assert events[0]["ev"] == "screen.done"
    assert events[-1]["ev"] == "run.done"
    assert events[-1]["exit"] == 0
    assert events[-1]["review"].keys() >= PROMISED
    assert {event["run"] for event in events} == {shop.run.name}


def test_json_and_jsonl_exclude_each_other(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool(), "--json", "--jsonl")
    assert ran.code == 2
    assert "exclude each other" in ran.fault


def test_several_samples_are_settled_and_their_agreement_is_shown(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool(), "--samples", 3)
    assert ran.code == 0
    assert ran.out.count("3 of 3") == 4
    assert "Builder, sample 3, says" in ran.err
    assert "(12 of 12)" in ran.err


def test_only_the_personas_that_are_named_are_asked(shop: Shop) -> None:
    keys = ["skeptic", "builder", "futurist"]
    ran = shop.shipskip("review", shop.tool(), "--personas", ",".join(keys), "--json")
    assert ran.code == 0
    assert [assignment["persona"] for assignment in ran.document["assignments"]] == keys


@pytest.mark.parametrize("keys", ["skeptic", "skeptic,builder"])
def test_fewer_personas_than_the_quorum_are_not_asked(shop: Shop, keys: str) -> None:
    ran = shop.shipskip("review", shop.tool(), "--personas", keys)
    assert ran.code == 2
    assert "cannot reach the quorum of 3" in ran.fault
    assert "quorum lower in shipskip.toml" in ran.fault
    assert shop.runs == []


def test_an_unknown_persona_is_named_with_those_there_are(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool(), "--personas", "critic")
    assert ran.code == 2
    assert "'critic'" in ran.fault
    assert "business_analyst" in ran.fault
    assert shop.runs == []


def test_a_tool_comes_from_markdown_yaml_json_or_standard_input(shop: Shop) -> None:
    fields = {"name": "Notebook", "description": "A book for notes. It is free and MIT licensed."}
    as_json = shop.tool(file="a.json", text=json.dumps(fields))
    as_yaml = shop.tool(file="b.yaml", text="\n".join(f"{k}: {v}" for k, v in fields.items()))
    documents = [
        shop.shipskip("review", as_json, "--json").document,
        shop.shipskip("review", as_yaml, "--json").document,
        shop.shipskip(
            "review", "-", "--json", stdin=f"---\nname: Notebook\n---\n{fields['description']}"
        ).document,
    ]
    assert [one["tool"]["slug"] for one in documents] == ["notebook"] * 3
    assert len({json.dumps(one["verdict"]) for one in documents}) == 1


def test_pages_go_where_they_are_told_to(shop: Shop, tmp_path: Path) -> None:
    ran = shop.shipskip("review", shop.tool(), "--out", tmp_path / "elsewhere", "--json")
    assert Path(ran.document["page"]).is_relative_to(tmp_path / "elsewhere")
    assert not (shop.root / "site").exists()


def test_the_same_tool_again_is_a_new_run_and_the_first_stays(shop: Shop) -> None:
    tool = shop.tool()
    first = shop.shipskip("review", tool, "--json").document["run"]
    stored = (shop.run / "run.json").read_bytes()
    second = shop.shipskip("review", tool, "--json").document["run"]
    assert first != second
    assert {path.name for path in shop.runs} == {first, second}
    assert next(p for p in shop.runs if p.name == first).joinpath("run.json").read_bytes() == stored


def test_the_next_step_can_be_run_as_it_is_printed(shop: Shop) -> None:
    shop.root = shop.root.rename(shop.root.with_name("the editors' desk"))
    ran = shop.shipskip("review", shop.tool())
    step = next(line for line in ran.out.splitlines() if line.startswith("  next  shipskip "))
    shown = shop.shipskip(*shlex.split(step.removeprefix("  next  shipskip ")), root=False)
    assert shown.code == 0
    assert shown.out.splitlines()[0] == ran.out.splitlines()[0]


def test_a_model_without_its_key_is_an_error_that_lists_what_can_be_done(shop: Shop) -> None:
    for model, name in (("openai:gpt-x", "OPENAI_API_KEY"), ("mistral:m", "MISTRAL_API_KEY")):
        ran = shop.shipskip("review", shop.tool(), "--model", model)
        assert ran.code == 2
        assert f"{model}: {name} is not set" in ran.fault
        assert "--model manual" in ran.fault
        assert "--model checklist" in ran.fault
    assert shop.runs == []


def test_a_reference_to_nobody_lists_what_there_is(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool(), "--model", "gpt-5")
    assert ran.code == 2
    assert "'gpt-5' is no model reference" in ran.fault
    assert "local:PATH.gguf" in ran.fault


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("empty.md", b"", "it is empty"),
        ("nothing.md", b"---\nname: X\n---\n \n", "the description is empty"),
        ("nameless.md", b"---\nvendor: X\n---\ntext", "the name is missing"),
        ("binary.md", b"---\nname: X\n---\n\x00\x01", "binary"),
        ("latin.md", "---\nname: X\n---\ncafé".encode("latin-1"), "not UTF-8 (byte 20)"),
        ("huge.md", b"---\nname: X\n---\n" + b"x" * 200_001, "200,000"),
        ("unknown.md", b"---\nname: X\ncolour: red\n---\ntext", "unknown key 'colour'"),
        ("nameonly.yaml", b"[1, 2", "YAML"),
        ("broken.json", b"{", "JSON"),
    ],
)
def test_bad_input_is_one_line_that_names_file_fault_and_remedy(
    shop: Shop, file: str, text: bytes, said: str
) -> None:
    path = shop.root / file
    path.write_bytes(text)
    ran = shop.shipskip("review", path)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.fault.startswith(f"{path}: ")
    assert said in ran.fault
    assert shop.runs == []


def test_every_bad_file_is_named_before_any_panel_sits(shop: Shop) -> None:
    ran = shop.shipskip("review", "no.md", shop.tool(), "neither.md")
    assert ran.code == 2
    assert [line.split()[1] for line in ran.err.splitlines()] == ["no.md:", "neither.md:"]
    assert shop.runs == []


def test_two_tools_of_one_slug_are_refused_before_any_panel_sits(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool(), shop.tool(file="again.md"))
    assert ran.code == 2
    assert "'quillbase'" in ran.fault
    assert shop.runs == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "con", "a/b\\c", "nul.md", "."])
def test_no_name_leads_out_of_the_folder(shop: Shop, name: str, tmp_path: Path) -> None:
    text = TOOL.replace("name: Quillbase", f"name: {json.dumps(name)}")
    before = {path for path in tmp_path.rglob("*") if shop.root not in path.parents}
    ran = shop.shipskip("review", shop.tool(file="odd.md", text=text), "--json")
    assert ran.code in (0, 2)
    if ran.code == 0:
        assert Path(ran.document["path"]).resolve().parent.parent == shop.root / "runs"
        assert Path(ran.document["page"]).resolve().is_relative_to(shop.root / "site")
    else:
        assert "name" in ran.fault
    assert {path for path in tmp_path.rglob("*") if shop.root not in path.parents} == before


def test_an_address_on_this_machine_is_refused_in_one_line(shop: Shop) -> None:
    ran = shop.shipskip("review", "http://127.0.0.1:9/tool")
    assert ran.code == 2
    assert "127.0.0.1" in ran.fault
    assert shop.runs == []


def test_what_steers_a_terminal_does_not_reach_it(shop: Shop) -> None:
    text = TOOL.replace("name: Quillbase", 'name: "Quill\\e[2Jbase \\u202E"')
    ran = shop.shipskip("review", shop.tool(file="odd.md", text=text))
    assert "\x1b" not in ran.out + ran.err
    assert "\u202e" not in ran.out + ran.err


def test_the_sample_with_two_names_is_flagged(shop: Shop) -> None:
    ran = shop.shipskip("review", EXAMPLES / "mistral-8x24b.md")
    assert "  ! The title says Mistral 8x24B, the text Mixtral 8x22B." in ran.out
    assert "screening found name mismatch" in ran.err


def test_a_page_in_a_relative_folder_is_opened_by_its_whole_address(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", opened.append)
    monkeypatch.chdir(shop.root)
    ran = shop.shipskip("review", shop.tool(), "--model", "checklist", "--out", "pages", "--open")
    assert ran.code == 0
    assert opened == [(shop.root / "pages/tools/quillbase/index.html").as_uri()]


def test_a_take_is_folded_and_not_cut_before_what_is_decided_by(shop: Shop) -> None:
    ran = shop.shipskip("review", shop.tool())
    assert "…" not in ran.out
    takes = [
        review["ballot"]["take"][0]["text"] if "ballot" in review else review["take"][0]["text"]
        for review in json.loads(
            shop.root.joinpath("site/tools/quillbase/index.json").read_text(encoding="utf-8")
        )["reviews"]
    ]
    said = " ".join(ran.out.split())
    assert all(" ".join(take.split()) in said for take in takes)
