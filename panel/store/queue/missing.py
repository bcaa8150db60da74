"""What stands in for the queue where the packages of Postgres are not installed."""

from typing import NoReturn

from panel.store.postgres import needs_packages


class _Missing:
    """A class whose packages are not installed: to make an object of it raises ConfigError."""

    def __init__(self, *_: object, **__: object) -> None:
        raise needs_packages()


class PanelQueue(_Missing):
    """The queue."""


class Daily(_Missing):
    """What is to be done every day."""


class QueueCounts(_Missing):
    """How far the queue is."""


def is_cron(_: str) -> NoReturn:
    """Raise ConfigError."""
    raise needs_packages()
