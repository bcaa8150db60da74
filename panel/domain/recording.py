"""Runs and exchanges as bytes that show every change to them.

An exchange's line is `{"digest":"<sha256>","exchange":{...}}`, the digest being that of the exchange's
bytes. A run's document begins with the digest of all that follows it and has those of its exchanges.
So one changed byte is found and named. Every reader takes `where` the bytes stand, for its error.
"""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from pydantic import BaseModel, ValidationError

from panel.domain.exchange import Exchange
from panel.domain.run import Run
from panel.domain.value import Value
from panel.errors import FormerRun, Tampered

_HEAD = '{"digest":"'
_MIDDLE = '","exchange":'
_SIGNED = '{\n "digest": "'
_FINAL = (b'\n  "state": "finished",', b'\n  "state": "set_aside",')
_START = len(_HEAD) + 64 + len(_MIDDLE)


@dataclass(frozen=True)
class Recording:
    """A run and its exchanges as they were read, checked against their digests.

    `path` is its place in the store: a folder, or `<date>/<id>` where a database has it.
    """

    path: PurePath
    run: Run
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True)
class Damaged:
    """A part of the store that cannot be read: its place, and one line of what, why and what next."""

    path: PurePath
    why: str


class MissingRun(Damaged):
    """A run that was recorded and is not there any more."""


@dataclass(frozen=True)
class Changes:
    """The places of the runs that are new or other ones than before, and of those that are gone."""

    changed: frozenset[PurePath]
    gone: frozenset[PurePath]


def slug_of(place: PurePath) -> str:
    """Return the slug of the tool whose run is kept at `place`: `runs/<date>/<slug>-<id>`."""
    return place.name.rpartition("-")[0]


class _Content(Value):
    recorded: tuple[str, ...]
    run: Run


class _Signed(_Content):
    digest: str


class _FormerRun(BaseModel):
    v: Literal[1]


class _FormerContent(BaseModel):
    """What is read of a document of version 1, whose reviewers had one rubric and weights."""

    run: _FormerRun


def write_exchange(exchange: Exchange) -> tuple[str, bytes]:
    """Return the digest of `exchange` and its line, without a line's end."""
    body = exchange.canonical.encode()
    digest = hashlib.sha256(body).hexdigest()
    return digest, f"{_HEAD}{digest}{_MIDDLE}".encode() + body + b"}"


def read_exchange(where: str, line: bytes) -> tuple[str, Exchange]:
    """Return the digest and the exchange of a line. Raises Tampered."""
    body = line[_START:-1]
    digest = hashlib.sha256(body).hexdigest()
    if line != f"{_HEAD}{digest}{_MIDDLE}".encode() + body + b"}":
        raise _changed(where)
    try:
        return digest, Exchange.model_validate_json(body)
    except ValidationError as error:
        raise _of_another_version(where, error) from error


def write_run(run: Run, digests: tuple[str, ...]) -> bytes:
    """Return the document of `run` with the digests of its exchanges, in their order."""
    body = _Content(recorded=digests, run=run).model_dump_json(indent=1)[1:] + "\n"
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f'{_SIGNED}{digest}",{body}'.encode()


def read_run(where: str, data: bytes) -> tuple[Run, tuple[str, ...]]:
    """Return the run in a document and the digests of its exchanges.

    Raises Tampered, and FormerRun for a run that a panel of another kind was asked for.
    """
    body = data[len(_SIGNED) + 64 + 2 :]
    digest = hashlib.sha256(body).hexdigest()
    if data != f'{_SIGNED}{digest}",'.encode() + body:
        raise _changed(where)
    try:
        signed = _Signed.model_validate_json(data)
    except ValidationError as error:
        if _is_former(data):
            raise FormerRun(
                f"{where}: it was recorded by a panel with one rubric for all reviewers, so today's "
                "can neither show nor replay it. Convene the panel again with `shipskip review`."
            ) from error
        raise _of_another_version(where, error) from error
    return signed.run, signed.recorded


def _is_former(data: bytes) -> bool:
    try:
        _FormerContent.model_validate_json(data)
    except ValidationError:
        return False
    return True


def digest_of(data: bytes) -> str:
    """Return the digest at the head of a run's document, which `read_run` checks."""
    return data[len(_SIGNED) : len(_SIGNED) + 64].decode()


def looks_final(data: bytes) -> bool:
    """Tell whether a run's document says that nothing more will come of it; nothing is parsed."""
    return any(mark in data for mark in _FINAL)


def _changed(where: str) -> Tampered:
    return Tampered(
        f"{where}: its content does not match its digest, so it was changed after it was recorded. "
        "Restore it from version control."
    )


def _of_another_version(where: str, error: ValidationError) -> Tampered:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in fault["loc"])[:80]
    return Tampered(
        f"{where}: it was written by another version of shipskip ({place}: {fault['msg']}). "
        "Read it with that version, or convene the panel again."
    )
