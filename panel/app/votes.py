"""Readers' votes for every surface: the store, its secret, the frozen counts, and what pages show."""

import os
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import ValidationError

from panel.app.event_loop import run_async
from panel.app.workspace import Workspace
from panel.domain.community import Community, VoteSnapshot
from panel.errors import ConfigError, FetchError, StoreError
from panel.ports import Clock
from panel.store.atomic_write import alone_in, write_all
from panel.store.regular_files import read_file
from panel.store.vote_files import (
    SNAPSHOT,
    TOOLS,
    read_snapshot,
    read_votable_tools,
    write_snapshot,
)

if TYPE_CHECKING:
    from panel.store.sql.votes import VoteStore

DATABASE = "votes.db"
SECRET = "votes.key"  # noqa: S105 - a file's name
_SHORTEST = 32


def open_votes(workspace: Workspace) -> "closing[VoteStore]":
    """Return the votes, to be closed: in the database of the settings, else in `votes.db`.

    Raises ConfigError, StoreError and Busy.
    """
    from panel.store.sql.votes import VoteStore  # noqa: PLC0415 - 0.3 s

    return closing(VoteStore.open(workspace.settings.database_url or workspace.root / DATABASE))


def tools_file(workspace: Workspace) -> Path:
    """Return the file in which the site's build lists its tools."""
    named = workspace.settings.votes.tools
    return workspace.public / TOOLS if named is None else workspace.root / named


def vote_secret(workspace: Workspace) -> bytes:
    """Return the secret of the settings, else that of `votes.key`, which is made where it is missing.

    Raises StoreError.
    """
    if workspace.settings.votes_secret is not None:
        return workspace.settings.votes_secret.encode()
    file = workspace.root / SECRET
    try:
        if not file.exists():
            _make_secret(file)
        secret = read_file(file).strip()
    except OSError as error:
        raise StoreError(
            f"{file}: {error.strerror}. Make it readable and its folder writable, or set "
            "SHIPSKIP_VOTES_SECRET."
        ) from error
    if len(secret) < _SHORTEST:
        raise StoreError(
            f"{file}: it is too short for a secret. Restore it from a backup; a new one makes every "
            "reader a new voter."
        )
    return secret


def take_snapshot(store: "VoteStore", clock: Clock) -> VoteSnapshot:
    """Return the counts of all tools with their time. Raises StoreError and Busy."""
    return VoteSnapshot(taken=clock.now().replace(microsecond=0), tools=store.count())


def pull_votes(workspace: Workspace, *, from_service: bool = False) -> tuple[Path, VoteSnapshot]:
    """Return the file `votes.json` of the workspace, and the counts that were frozen in it.

    They are read from the database, or, `from_service`, from the running service of the settings:
    it may be on another machine. Raises ConfigError, FetchError, StoreError and Busy.
    """
    if from_service:
        snapshot = run_async(lambda: fetch_snapshot(workspace.settings.votes.address))
    else:
        with open_votes(workspace) as store:
            snapshot = take_snapshot(store, workspace.clock)
    return write_snapshot(workspace.root / SNAPSHOT, snapshot), snapshot


async def fetch_snapshot(address: str | None) -> VoteSnapshot:
    """Return the counts that the service at `address` has in public.

    The settings name it, so it may be in a network of one's own. Raises ConfigError and FetchError.
    """
    from panel.feeds.fetch import Fetcher  # noqa: PLC0415 - 60 ms of every command

    if address is None:
        raise ConfigError("[votes] address: it is missing; set it to where the service is.")
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await Fetcher(ports={port}, allowed=lambda _: True).fetch(f"{address}/votes.json")
    try:
        return VoteSnapshot.model_validate_json(found.data)
    except ValidationError as error:
        raise FetchError(
            f"{address}/votes.json: no counts stand there. Check [votes] address, and that "
            "`shipskip votes serve` runs there."
        ) from error


def read_community(workspace: Workspace) -> Community | None:
    """Return what pages show of the readers' votes; None where no votes service is configured.

    Raises ConfigError where a file of the votes cannot be read.
    """
    address = workspace.settings.votes.address
    if address is None:
        return None
    file = tools_file(workspace)
    listed = read_votable_tools(file).tools if file.exists() else ()
    return Community(
        service=address,
        snapshot=read_snapshot(workspace.root / SNAPSHOT),
        withdrawn=frozenset(tool.slug for tool in listed if tool.withdrawn),
    )


def _make_secret(file: Path) -> None:
    """Write a new secret that only this account may read; one that another process made is kept.

    The file is there with its whole content or not at all.
    """
    draft = file.with_name(f".{file.name}.{token_hex(4)}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            write_all(handle, f"{token_hex(32)}\n".encode())
        finally:
            os.close(handle)
        with alone_in(file.parent):
            if not file.exists():
                draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
