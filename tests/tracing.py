"""Coverage that traces what counts: how the rules are imported, and the tests that may cover them.

pytest-cov stops while a test that does not count is called, and starts again after each. Traced as
they are, collecting and setting up take twice as long.
"""

from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]


class CountedTests:
    """Traces the tests that may cover a rule from their set-up to their end, and no other."""

    def __init__(self, controller: Any) -> None:
        self._controller = controller
        self._is_tracing = True
        self._start, self._stop = controller.resume, controller.pause
        controller.resume = controller.pause = _leave  # what pytest-cov does round each call

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        """Trace the import of what is measured, in one process of all, and collect untraced."""
        if _is_first(session.config):
            for name in _measured(self._controller.cov.config.source):
                import_module(name)
        self._trace(on=False)
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Trace a test that may cover a rule; one that may not leaves it as the test before did."""
        self._trace(on=item.get_closest_marker("no_cover") is None)
        return (yield)

    def _trace(self, *, on: bool) -> None:
        if on != self._is_tracing:
            (self._start if on else self._stop)()
            self._is_tracing = on


def _is_first(config: pytest.Config) -> bool:
    """Whether this process is the first of those that run tests: with xdist, others hand them out."""
    worker = getattr(config, "workerinput", {"workerid": "gw0"})["workerid"]
    return worker == "gw0" and not config.pluginmanager.hasplugin("dsession")


def _leave() -> None:
    """Leave the tracing as it is."""


def _measured(source: list[str]) -> list[str]:
    """Return the modules in the folders that coverage measures."""
    return [
        found.name
        for folder in map(Path, source)
        for found in walk_packages(
            [str(folder)], f"{'.'.join(folder.resolve().relative_to(ROOT).parts)}."
        )
    ]
