"""Templates are compiled once in a session: each command of a test makes its own environment."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from jinja2 import Environment, Template
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.loaders import BaseLoader


class CompiledTemplates(BytecodeCache):
    """Keeps in memory what a template's source was compiled to."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Give every environment of the session one cache of compiled templates."""
    compiled, load = CompiledTemplates(), BaseLoader.load

    def load_compiled(
        self: BaseLoader,
        environment: Environment,
        name: str,
        given: MutableMapping[str, Any] | None = None,
    ) -> Template:
        environment.bytecode_cache = compiled
        return load(self, environment, name, given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseLoader, "load", load_compiled)
        yield
