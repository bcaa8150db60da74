"""What the workers of one database share: the queue, the cost cap, and who is at work."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from panel.app.providers import Providers
from panel.app.settings import CallLimits
from panel.app.workspace import Workspace
from panel.errors import ConfigError
from panel.providers.middleware.cost_cap import Budget
from panel.store.queue import Daily, PanelQueue, is_cron
from panel.store.sql.database import Database, open_shared_database
from panel.store.sql.shared_budget import SharedBudget, set_cap
from panel.store.sql.worker_registry import WorkerRegistry

__all__ = ["Daily", "PanelQueue", "SharedBudgets", "SharedWork", "WorkerRegistry", "is_cron"]


@dataclass(frozen=True)
class SharedWork:
    """The shared part of a workspace, on the Postgres that its settings name."""

    address: str
    limits: CallLimits

    @classmethod
    def of(cls, workspace: Workspace) -> "SharedWork":
        """Return what `workspace` shares; nothing is connected yet.

        Raises ConfigError where no database is set.
        """
        address = workspace.settings.database_url
        if address is None:
            raise ConfigError(
                "workers need a Postgres that they share. Set SHIPSKIP_DATABASE_URL, or database_url "
                "in shipskip.toml, to postgresql://USER:PASSWORD@HOST/DATABASE."
            )
        return cls(address, workspace.settings.limits)

    @cached_property
    def _database(self) -> Database:
        return open_shared_database(self.address)

    def queue(self, daily: Daily | None = None) -> PanelQueue:
        """Return the queue of panels, to be opened by `async with`."""
        return PanelQueue(self.address, daily=daily)

    def registry(self, providers: Providers) -> WorkerRegistry:
        """Return this process among the workers; `providers` keep to its share of the limits."""
        return WorkerRegistry(self._database, share=providers.share)

    def set_cap(self, batch: str, cap: Decimal | None) -> None:
        """Set the cost cap of `batch` for all workers. Raises StoreError."""
        set_cap(self._database, batch, cap)

    def budgets(self, worker: str) -> "SharedBudgets":
        """Return the budgets of the batches that the worker of that name takes panels of."""
        return SharedBudgets(self._database, worker, self.limits)


class SharedBudgets:
    """The budgets of a worker: one for each batch that it has taken a panel of."""

    def __init__(self, database: Database, worker: str, limits: CallLimits) -> None:
        self._database = database
        self._worker = worker
        self._limits = limits
        self._budgets: dict[str, SharedBudget] = {}
        self._opening = asyncio.Lock()

    async def of(self, batch: str) -> Budget:
        """Return the budget of `batch`, opened once. Raises StoreError."""
        async with self._opening:
            if batch not in self._budgets:
                self._budgets[batch] = await asyncio.to_thread(self._open, batch)
            return self._budgets[batch]

    def flush(self) -> None:
        """Have every settlement written. Raises StoreError."""
        for budget in self._budgets.values():
            budget.flush()

    def _open(self, batch: str) -> SharedBudget:
        return SharedBudget.open(
            self._database,
            batch,
            self._worker,
            cap=self._limits.max_cost_usd,
            allow_unpriced=self._limits.allow_unpriced,
        )
