"""What a person sees on a terminal: a live line while reviewers work, and none of it left behind."""

import os
import pty
import re
from collections.abc import Mapping

from tests.bars.desk import Desk
from tests.bars.rooms import CHAT, answer, persona_of
from tests.commands.shop import Shop
from tests.contract.loopback import Heard, Reply

CLEAR = "\r\x1b[K"


def late_skeptic(heard: Heard) -> Reply:
    sound = answer(CHAT, heard)
    return Reply(sound.body, delay_s=1.3) if persona_of(heard).key == "skeptic" else sound


def seen(shop: Shop, *arguments: object, env: Mapping[str, str]) -> str:
    """Return all that a command wrote on a terminal of 80 columns."""
    main, end = pty.openpty()
    try:
        with shop.start(
            *arguments, env={"COLUMNS": "80", **env}, stdin=end, stdout=end, stderr=end, text=None,
            encoding=None,
        ) as process:  # fmt: skip
            os.close(end)
            shown = bytearray()
            while part := read(main):
                shown += part
        assert process.returncode == 0, bytes(shown)
    finally:
        os.close(main)
    return shown.decode().replace("\r\n", "\n")


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux: the other end is closed
        return b""


def test_a_live_line_says_who_is_waited_for_and_is_gone_at_the_end(shop: Shop) -> None:
    with Desk(late_skeptic) as desk:
        env = {"OPENAI_BASE_URL": f"{desk.address}/v1"}
        shown = seen(shop, "review", shop.tool(), "--model", "openai:qwen3", env=env)
    lives = [line.partition("\n")[0] for line in shown.split(CLEAR)]
    assert "Quillbase: waiting for Skeptic (1 s)" in lives
    assert any(line.count(",") == 3 for line in lives if "waiting for" in line)
    assert max(map(len, lives)) < 80
    left = "\n".join(line.rpartition(CLEAR)[2] for line in shown.split("\n"))
    assert "waiting for" not in left
    assert [line for line in left.splitlines() if " of 4)" in line][-1].startswith(
        "Quillbase: Skeptic says ship"
    )
    assert "\x1b" not in left
    paths = [line for line in left.splitlines() if str(shop.root) in line]
    assert max(len(line) for line in left.splitlines() if line not in paths) <= 80


def test_there_is_no_colour_to_turn_off(shop: Shop) -> None:
    shown = seen(shop, "review", shop.tool(), env={"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"})
    assert not re.search(r"\x1b\[[0-9;]*m", shown)
