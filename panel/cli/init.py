"""`shipskip init`: a workspace laid out in a folder, with settings, personas and prompts to edit."""

from pathlib import Path

import click

from panel.errors import ConfigError, StoreError


@click.command(short_help="Lay out settings, personas and prompts to edit in a folder.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init(*, folder: Path) -> int:
    """Lay out a workspace in FOLDER: settings, personas and prompts to edit. Overwrites nothing."""
    from panel.app.workspace import built_in

    source = built_in()
    names = [source / "shipskip.toml"]
    names += sorted((source / "personas").glob("*.yaml")) + sorted(
        (source / "prompts").glob("*.md")
    )
    there = [folder / name.relative_to(source) for name in names]
    taken = [path for path in there if path.exists()]
    if taken:
        raise ConfigError(f"{taken[0]} exists already; nothing was written. Name an empty folder.")
    try:
        for name, path in zip(names, there, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(name.read_bytes())
    except OSError as error:
        raise StoreError(
            f"{error.filename}: {error.strerror}. Name a folder to write to."
        ) from error
    click.echo(
        f"{folder}: {len(names)} files. Edit personas/ and prompts/, then `shipskip review`."
    )
    return 0
