"""Upgrade: a workspace with personas of the former format, brought to today's."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from panel.app.workspace import built_in
from panel.errors import ConfigError, StoreError
from panel.store.former_personas import convert_persona
from panel.store.persona_files import (
    FORMER_RUBRIC,
    is_former,
    load_personas,
    read_comments,
    read_yaml,
    write_persona,
)

_FOLDERS: Final = ("personas", "prompts")
_FORMER: Final = ".former"


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade did: the personas that are the built-in ones now, and those that were converted.

    `kept` are the folders that the former files lie in.
    """

    built_in: tuple[str, ...]
    converted: tuple[str, ...]
    kept: tuple[Path, ...]


def upgrade_personas(root: Path) -> Upgrade | None:
    """Bring the personas and prompts in `root` to today's format; None where they are already.

    A persona that comes with the product becomes today's; one of the workspace's own keeps its texts
    and the three criteria that it gave most weight to. The prompts become today's. The former files
    stay in `personas.former` and `prompts.former`. Nothing is changed unless all of it can be. Raises
    ConfigError, which names every fault by file, and StoreError.
    """
    paths = sorted((root / "personas").glob("*.yaml"))
    if not is_former({path: read_yaml(path, []) for path in paths}):
        return None
    kept = tuple(root / f"{name}{_FORMER}" for name in _FOLDERS)
    if taken := next((path for path in kept if path.exists()), None):
        raise ConfigError(f"{taken} exists already; nothing was changed. Move it away first.")
    personas = [path for path in paths if path.name != FORMER_RUBRIC]
    own = {path.name: _convert(path) for path in personas if not _built_in(path).is_file()}
    try:
        with TemporaryDirectory(dir=root, prefix=".upgrade-") as folder:
            _lay_out(Path(folder), personas, own)
            _check(Path(folder), root)
            _swap(Path(folder), root)
    except OSError as error:
        raise StoreError(
            f"{error.filename or root}: {error.strerror}. Make room, or make it writable, then run "
            "again."
        ) from error
    return Upgrade(
        built_in=tuple(path.stem for path in personas if path.name not in own),
        converted=tuple(Path(name).stem for name in own),
        kept=kept,
    )


def _built_in(path: Path) -> Path:
    return built_in() / "personas" / path.name


def _convert(path: Path) -> str:
    faults: list[str] = []
    persona = convert_persona(path, faults)
    if persona is None:
        raise ConfigError("\n".join(faults))
    comments = read_comments(next(iter(_built_in_files("personas"))))
    return f"{comments}{write_persona(persona)}"


def _lay_out(folder: Path, personas: list[Path], own: Mapping[str, str]) -> None:
    for name in _FOLDERS:
        (folder / name).mkdir()
    for path in personas:
        there = folder / "personas" / path.name
        if path.name in own:
            there.write_text(own[path.name], encoding="utf-8")
        else:
            shutil.copyfile(_built_in(path), there)
    for path in _built_in_files("prompts"):
        shutil.copyfile(path, folder / "prompts" / path.name)


def _check(folder: Path, root: Path) -> None:
    """Raise ConfigError where what was laid out in `folder` is not sound, in the names of `root`."""
    try:
        load_personas(folder / "personas", folder / "prompts")
    except ConfigError as error:
        raise ConfigError(str(error).replace(str(folder), str(root))) from error


def _swap(folder: Path, root: Path) -> None:
    """Put the new folders in the place of the former ones, or leave all of them as they were."""
    moved: list[tuple[Path, Path]] = []
    try:
        for name in _FOLDERS:
            steps = (root / name, root / f"{name}{_FORMER}"), (folder / name, root / name)
            for source, target in steps:
                source.rename(target)
                moved.append((source, target))
    except OSError:
        for source, target in reversed(moved):
            target.rename(source)
        raise


def _built_in_files(name: str) -> Iterator[Path]:
    return (path for path in sorted((built_in() / name).iterdir()) if path.is_file())
