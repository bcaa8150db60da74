"""What a person sees on a terminal: a live line while reviewers work, and none of it left behind."""

import asyncio
import os
import pty
import re
import time
from asyncio import StreamWriter
from collections.abc import Callable, Mapping
from functools import partial

from tests.bars.desk import Choosing, ServerThread
from tests.bars.rooms import CHAT, answer, persona_of
from tests.commands.shop import Shop
from tests.contract.loopback import Heard, Reply

CLEAR = "\r\x1b[K"
LIVE = re.compile(r"Quillbase: waiting for Skeptic \(\d+ s\)")


class LateSkeptic(Choosing):
    """A model server that keeps the skeptic's answer until it is said that it is waited for."""

    def __init__(self) -> None:
        super().__init__(partial(answer, CHAT))
        self.is_said = False

    async def _answer(self, heard: Heard, reply: Reply, writer: StreamWriter) -> bool:
        if persona_of(heard).key == "skeptic":
            until = time.monotonic() + 60
            while not self.is_said and time.monotonic() < until:  # noqa: ASYNC110 - another thread sees
                await asyncio.sleep(0.005)
        return await super()._answer(heard, reply, writer)

    def see(self, shown: bytes) -> None:
        """Take note of what the terminal has shown so far."""
        self.is_said = LIVE.search(shown.decode("utf-8", "ignore")) is not None


def ignore(_: bytes) -> None:
    """Take note of nothing."""


def seen(
    shop: Shop,
    *arguments: object,
    env: Mapping[str, str],
    see: Callable[[bytes], None] = ignore,
) -> str:
    """Return all that a command wrote on a terminal of 80 columns; `see` is told as it comes."""
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
                see(bytes(shown))
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
    server = LateSkeptic()
    with ServerThread(server) as desk:
        env = {"OPENAI_BASE_URL": f"{desk.address}/v1"}
        arguments = ("review", shop.tool(), "--model", "openai:qwen3")
        shown = seen(shop, *arguments, env=env, see=server.see)
    lives = [line.partition("\n")[0] for line in shown.split(CLEAR)]
    assert any(map(LIVE.fullmatch, lives))
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
