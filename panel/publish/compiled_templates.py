"""Compiled templates, kept where Python keeps compiled modules and under the same conditions."""

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache


class CompiledTemplates(FileSystemBytecodeCache):
    """The compiled templates of the environment whose own templates lie in `folder`.

    To compile them takes a quarter of a second, and to read them a hundredth. As with a module, one of
    another source or another version is not read, and none is written where nothing can be, or where
    PYTHONDONTWRITEBYTECODE says so. PYTHONPYCACHEPREFIX moves them. `made_by` are the modules that say
    how a template is compiled: of another text of these none is read either.
    """

    def __init__(self, folder: Path, *made_by: Path) -> None:
        self._made_by = "".join(path.read_text("utf-8") for path in made_by)
        place = Path(cache_from_source(str(folder / "templates.py"))).parent
        super().__init__(str(place), f"%s.jinja-{jinja2.__version__}.pyc")

    def get_source_checksum(self, source: str) -> str:
        """Return what a kept template has to agree with."""
        return super().get_source_checksum(source + self._made_by)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a compiled template, if it was kept and its source is the same."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, if that is possible."""
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)
