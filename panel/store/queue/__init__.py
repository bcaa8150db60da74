"""The queue of panels: who takes which, and what becomes of those that a dead worker leaves.

Where its packages are not installed, whatever is made of it raises ConfigError; to import it does not:
a command has to say first that no database is named.
"""

try:
    from panel.store.queue.queue import Daily, PanelQueue, QueueCounts
    from panel.store.queue.times import is_cron
except ImportError as error:  # psycopg without its libpq has no name to tell
    _EXTRA = (None, "psycopg", "psycopg_pool", "procrastinate", "croniter", "attr")
    if error.name not in _EXTRA:
        raise
    from panel.store.queue.missing import (  # type: ignore[assignment]
        Daily,
        PanelQueue,
        QueueCounts,
        is_cron,
    )

__all__ = ["Daily", "PanelQueue", "QueueCounts", "is_cron"]
