"""The queue of panels: who takes which, and what becomes of those that a dead worker leaves."""

from panel.adapters.panel_queue.queue import Daily, PanelQueue, Standing
from panel.adapters.panel_queue.times import is_cron

__all__ = ["Daily", "PanelQueue", "Standing", "is_cron"]
