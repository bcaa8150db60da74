"""Runs and exchanges as bytes that show every change to them.

An exchange's line is `{"digest":"<sha256>","exchange":{...}}`, the digest being that of the exchange's
bytes. A run's document begins with the digest of all that follows it and has those of its exchanges.
So one changed byte is found and named. Every reader takes `where` the bytes stand, for its error.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath
from typing import Literal

from pydantic import BaseModel, ValidationError

from panel.domain.exchange import Exchange
from panel.domain.persona import Persona
from panel.domain.run import Run
from panel.domain.template import Template
from panel.domain.value import Value
from panel.errors import FormerRun, Tampered

_DIGEST_LENGTH = 64
_LINE_HEAD = '{"digest":"'
_LINE_MIDDLE = '","exchange":'
_LINE_BODY_AT = len(_LINE_HEAD) + _DIGEST_LENGTH + len(_LINE_MIDDLE)
_RUN_HEAD = '{\n "digest": "'
_RUN_BODY_AT = len(_RUN_HEAD) + _DIGEST_LENGTH + len('",')
_FINAL = (b'\n  "state": "finished",', b'\n  "state": "set_aside",')
_PANEL = b'\n   "personas": ['
_BEHIND_PANEL = b'\n   "assignments": '
_NO_PANEL = b'"personas":[],"prompts":[],'


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


class _Digested(_Content):
    digest: str


class _FormerRun(BaseModel):
    v: Literal[1]


class _FormerContent(BaseModel):
    """What is read of a document of version 1, whose reviewers had one rubric and weights."""

    run: _FormerRun


class _Panel(Value):
    personas: tuple[Persona, ...]
    prompts: tuple[Template, ...]


def write_exchange(exchange: Exchange) -> tuple[str, bytes]:
    """Return the digest of `exchange` and its line, without a line's end."""
    body = exchange.canonical.encode()
    digest = hashlib.sha256(body).hexdigest()
    return digest, f"{_LINE_HEAD}{digest}{_LINE_MIDDLE}".encode() + body + b"}"


def read_exchange(where: str, line: bytes) -> tuple[str, Exchange]:
    """Return the digest and the exchange of a line. Raises Tampered."""
    body = line[_LINE_BODY_AT:-1]
    digest = hashlib.sha256(body).hexdigest()
    if line != f"{_LINE_HEAD}{digest}{_LINE_MIDDLE}".encode() + body + b"}":
        raise _changed(where)
    try:
        return digest, Exchange.model_validate_json(body)
    except ValidationError as error:
        raise _of_another_version(where, error) from error


def write_run(run: Run, digests: tuple[str, ...]) -> bytes:
    """Return the document of `run` with the digests of its exchanges, in their order."""
    body = _Content(recorded=digests, run=run).model_dump_json(indent=1)[1:] + "\n"
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f'{_RUN_HEAD}{digest}",{body}'.encode()


def read_run(where: str, data: bytes) -> tuple[Run, tuple[str, ...]]:
    """Return the run in a document and the digests of its exchanges.

    Raises Tampered, and FormerRun for a run that a panel of another kind was asked for.
    """
    digest = hashlib.sha256(memoryview(data)[_RUN_BODY_AT:]).hexdigest()
    if data[:_RUN_BODY_AT] != f'{_RUN_HEAD}{digest}",'.encode():
        raise _changed(where)
    try:
        return _read_content(data)
    except ValidationError as error:
        if _is_former(data):
            raise FormerRun(
                f"{where}: it was recorded by a panel with one rubric for all reviewers, so today's "
                "can neither show nor replay it. Convene the panel again with `shipskip review`."
            ) from error
        raise _of_another_version(where, error) from error


def _read_content(data: bytes) -> tuple[Run, tuple[str, ...]]:
    """Return the run and the digests of a document. Raises ValidationError.

    Personas and prompts are half of a document, and the same in thousands: they are read once.
    """
    # Both stand at the start of a line, so in no text: there "\n" is escaped. Without them the document
    # is no run, and what is read here is not JSON.
    head, _, rest = data.partition(_PANEL)
    panel, behind, tail = rest.partition(_BEHIND_PANEL)
    read = _Digested.model_validate_json(b"".join((head, _NO_PANEL, behind, tail)))
    inputs = read.run.inputs.model_copy(update=_read_panel(panel))
    return read.run.model_copy(update={"inputs": inputs}), read.recorded


@lru_cache(maxsize=16)
def _read_panel(part: bytes) -> dict[str, object]:
    panel = _Panel.model_validate_json(b'{"personas":[' + part.rstrip().removesuffix(b",") + b"}")
    return {"personas": panel.personas, "prompts": panel.prompts}


def _is_former(data: bytes) -> bool:
    try:
        _FormerContent.model_validate_json(data)
    except ValidationError:
        return False
    return True


def digest_of(data: bytes) -> str:
    """Return the digest at the head of a run's document, which `read_run` checks."""
    return data[len(_RUN_HEAD) : len(_RUN_HEAD) + _DIGEST_LENGTH].decode()


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
