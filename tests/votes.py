"""A votes service that runs as its own process, and readers who post to it over real sockets."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2

from panel.domain.community import VoteCount
from panel.providers.http_client import no_certificates
from panel.store.sql.votes import VoteStore
from tests.workspaces import lay_out

SECRET: Final = "a secret that only these tests sign with"  # noqa: S105
TOOLS: Final = (
    {"slug": "relaymark", "name": "Relaymark", "page": "/tools/relaymark/"},
    {"slug": "spoor", "name": "Spoor & <Sons>"},
    {"slug": "gone", "name": "Gone", "withdrawn": True},
    {"slug": "笔记", "name": "笔记"},
)
SITE: Final = "http://site.example"
LAX: Final = "[votes.rules]\nvoters_in_burst = 1000\nvoters_a_day = 1000\nposts_a_day = 1000000\n"
"""Rules under which the load of one machine is not set aside."""


class RunningService:
    """A service in its own process, with its workspace."""

    def __init__(self, root: Path, database: str | None) -> None:
        self.root = root
        self.database = database
        self.address = ""
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The process id of the service."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the service and wait until it says where it listens."""
        given = {"SHIPSKIP_VOTES_SECRET": SECRET, "SHIPSKIP_DATABASE_URL": self.database or ""}
        command = [sys.executable, "-m", "panel.cli.main", "votes", "serve", "--port", "0"]
        self._process = subprocess.Popen(
            [*command, "--root", str(self.root)],
            env={**os.environ, **given},  # noqa: TID251 - a child's environment
            text=True,
            stderr=subprocess.PIPE,
        )
        assert self._process.stderr is not None
        said = self._process.stderr.readline()
        assert said.startswith("votes: http://"), said + self._process.stderr.read()
        self.address = said.split()[1]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        code = self._process.wait(60)
        assert self._process.stderr is not None
        self._process.stderr.close()
        self._process = None
        return code

    def read_log(self) -> str:
        """Return what the service has written to standard error since it said where it listens."""
        assert self._process is not None
        assert self._process.stderr is not None
        handle = self._process.stderr.fileno()
        os.set_blocking(handle, False)
        return os.read(handle, 100_000).decode()

    def stop(self) -> None:
        """End the service where it still runs."""
        if self._process is not None:
            self.end(signal.SIGKILL)

    @contextmanager
    def store(self) -> Iterator[VoteStore]:
        """Yield the votes, opened beside the service."""
        store = VoteStore.open(self.database or self.root / "votes.db")
        try:
            yield store
        finally:
            store.close()

    def counts(self) -> dict[str, VoteCount]:
        """Return the counts as the database has them."""
        with self.store() as store:
            return store.count()

    def client(self, **options: Any) -> httpx2.Client:
        """Return a reader's browser: it keeps cookies, and follows nowhere."""
        headers = {"origin": SITE, **options.pop("headers", {})}
        return httpx2.Client(
            base_url=self.address,
            headers=headers,
            timeout=60,
            verify=no_certificates(),
            **options,
        )


@contextmanager
def serving(
    root: Path,
    *,
    settings: str = "",
    rules: str = LAX,
    database: str | None = None,
    tools: Sequence[Mapping[str, Any]] = TOOLS,
    site: str = SITE,
) -> Iterator[RunningService]:
    """Yield a service in a new workspace; `settings` are lines of `[votes]`."""
    root = lay_out(root / "newsroom")
    list_tools(root, tools)
    with (root / "shipskip.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[votes]\nsite = "{site}"\n{settings}\n{rules}')
    service = RunningService(root, database)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def list_tools(root: Path, tools: Sequence[Mapping[str, Any]]) -> None:
    """Write the list of tools as a site's build does."""
    file = root / "public" / "data" / "tools.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"v": 1, "tools": list(tools)}), encoding="utf-8")


def vote(client: httpx2.Client, choice: str, slug: str = "relaymark", **fields: Any) -> int:
    """Return the status of a post."""
    return client.post(f"/vote/{slug}", data={"choice": choice, **fields}).status_code


def wait_for(condition: Any, seconds: float = 60.0) -> None:
    """Return once `condition()` holds; fail where it never does."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.05)


def voters_of(client: httpx2.Client, number: int, slug: str = "relaymark", **headers: str) -> None:
    """Vote as so many readers, each without a cookie."""
    for _ in range(number):
        client.cookies.clear()
        answer = client.post(f"/vote/{slug}", data={"choice": "ship"}, headers=headers)
        assert answer.status_code == 303


async def post_at_once(address: str, cookies: dict[str, str], number: int) -> list[int]:
    """Return the statuses of so many posts of one voter, who changes sides with each."""
    limits = httpx2.Limits(max_connections=64)
    async with (
        httpx2.AsyncClient(
            base_url=address,
            cookies=cookies,
            limits=limits,
            timeout=60,
            headers={"origin": SITE},
            verify=no_certificates(),
        ) as client,
        asyncio.TaskGroup() as group,
    ):
        posts = [
            group.create_task(
                client.post("/vote/relaymark", data={"choice": "ship" if n % 2 else "skip"})
            )
            for n in range(number)
        ]
    return [post.result().status_code for post in posts]
