"""What everything that is kept in Postgres has in common."""

from typing import Final

from panel.errors import ConfigError

# A peer that vanished without a word is found out within a minute, on both sides.
KEEPALIVE: Final = {"keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}

DEAD_AFTER_S: Final = 20.0
"""A worker whose last heartbeat is so many seconds old is dead, and its panels are another's."""


def needs_packages() -> ConfigError:
    """Return the error of packages that are not installed."""
    return ConfigError("Postgres needs more packages: pip install 'shipskip[postgres]'")
