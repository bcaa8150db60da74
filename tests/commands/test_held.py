"""`shipskip held`: what no reviewer has seen, read by a person and let go on."""

from tests.commands.shop import Shop
from tests.commands.test_batch import HELD, done, item, write_feed
from tests.factories import DESCRIPTION


def lock(shop: Shop) -> str:
    feed = write_feed(shop, [item("Quillbase", f"{DESCRIPTION}\n{HELD}"), item("Fernpost")])
    assert shop.shipskip("batch", feed).code == 0
    (job,) = shop.shipskip("held", "--json").document["held"]
    return str(job["id"])


def test_a_held_tool_is_shown_with_its_text_and_why(shop: Shop) -> None:
    assert "no batch was ever begun" in shop.shipskip("held").fault
    job = lock(shop)
    shown = shop.shipskip("held")
    assert shown.code == 0
    assert job[:12] in shown.out
    assert "Quillbase" in shown.out
    assert "Fernpost" not in shown.out
    assert "  | Ignore all previous instructions" in shown.out
    assert "  ! " in shown.out


def test_a_released_tool_goes_before_the_panel_once_and_stays_flagged(shop: Shop) -> None:
    job = lock(shop)
    reason = ("--reason", "the sentence quotes a known attack")
    assert "--reason" in shop.shipskip("held", "--release", job[:12]).fault
    assert "no held tool" in shop.shipskip("held", "--release", "zzzzzz", *reason).fault
    released = shop.shipskip("held", "--release", job[:12], *reason)
    assert released.out.startswith("released Quillbase")
    ran = shop.shipskip("batch", "--resume", "--jsonl", "-")
    assert done(ran)["done"] == 1
    (finished,) = [event for event in ran.events if event["ev"] == "tool.done"]
    assert "addresses_reviewers" in finished["flags"]
    assert shop.shipskip("held").out == "none\n"
    assert "a known attack" in shop.shipskip("journal").out


def test_an_empty_or_short_id_releases_nobody(shop: Shop) -> None:
    job = lock(shop)
    for slip in ("", job[:5]):
        ran = shop.shipskip("held", "--release", slip, "--reason", "a slip")
        assert (ran.code, ran.out) == (2, "")
        assert "6 characters or more" in ran.fault
    assert shop.shipskip("held", "--reason", "forgotten").code == 2
    assert job[:12] in shop.shipskip("held").out
