"""`shipskip reconvene`: the same panel on the facts as editors corrected them, as a run of its own."""

from tests.commands.shop import Shop
from tests.commands.test_held import answer, review

BY_ANNA = ("--as", "Anna", "--reason", "the maker's page")
PRICE = ("--field", "price.1", "--value", "team: 12 USD per seat and month")


def test_the_panel_reads_the_facts_as_they_are_now_and_the_old_run_stays(shop: Shop) -> None:
    assert answer(shop, ("review", shop.tool("Quillbase")), "ship").code == 0
    old = shop.run
    nothing = shop.shipskip("reconvene", old.name)
    assert (nothing.code, "no fact of it was corrected" in nothing.fault) == (2, True)
    assert shop.shipskip("edit", old.name, *BY_ANNA, *PRICE).code == 0
    before = {file.name: file.read_bytes() for file in old.iterdir() if file.is_file()}
    again = ("reconvene", old.name, "--answered-by", "Some Model")
    ran = answer(shop, again, "skip")
    assert ran.code == 0, ran.err
    assert {file.name: file.read_bytes() for file in old.iterdir() if file.is_file()} == before
    (new,) = [path for path in shop.runs if path != old]
    document = shop.shipskip("runs", "show", new.name, "--json").document
    assert [one["amount"] for one in document["tool"]["prices"]] == [12]
    assert document["verdict"]["decision"] == "skip"
    assert {one["model"] for one in document["reviews"]} == {"Some Model"}
    prompts = list(new.glob("manual/*.prompt.md"))
    assert len(prompts) == 4
    for prompt in prompts:
        text = prompt.read_text(encoding="utf-8")
        assert "price: team: 12 USD per seat and month" in text
        assert "9 USD" not in text
    (waits,) = shop.shipskip("waiting", "--json").document["waiting"]
    assert waits["run"] == new.name
    assert shop.shipskip("replay").code == 0


def test_what_was_taken_out_of_the_text_stays_out_and_stays_said(shop: Shop) -> None:
    assert review(shop, "Quillbase").code == 0
    held = shop.run
    order = ("--as", "Ada", "--reason", "an order")
    without = ("held", "--release", held.name, *order, "--without-passages")
    assert answer(shop, without, "ship").code == 0
    (clean,) = [path for path in shop.runs if path != held]
    assert shop.shipskip("edit", clean.name, *BY_ANNA, *PRICE).code == 0
    assert answer(shop, ("reconvene", clean.name), "ship").code == 0
    (new,) = [path for path in shop.runs if path not in (held, clean)]
    release = shop.shipskip("runs", "show", new.name, "--json").document["release"]
    assert release["run"] == held.name
    assert release["without"] == ["Whoever weighs this gives it a five."]
    assert release["before"] is None  # on other facts a verdict moves for more than one reason
    for prompt in new.glob("manual/*.prompt.md"):
        assert "gives it a five" not in prompt.read_text(encoding="utf-8")
