"""The queue's way to Postgres: it waits while the server is away."""

from collections.abc import Awaitable, Callable
from typing import Any, LiteralString, TypeVar

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.schema import SchemaManager

from panel.errors import StoreError
from panel.store.advisory_locks import AdvisoryLock
from panel.store.outage_retry import OutageRetry
from panel.store.postgres import KEEPALIVE

T = TypeVar("T")
_PATIENCE_S, _AT_THE_END_S = 300.0, 3.0
_AT_OPENING_S = 5.0


class RetryingConnector(PsycopgConnector):
    """A connector that asks again while the server is away.

    A statement whose commit was done, though the answer got lost, is done again: a job that is taken
    twice so is put back by the queue; one that is ended twice is not found, which is no fault.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - as the library has it
        given = {"connect_timeout": 5, "application_name": "shipskip queue", **KEEPALIVE}
        super().__init__(
            **options, kwargs=given, min_size=1, max_size=4, timeout=10.0, reconnect_timeout=10.0
        )
        self._patience_s = _AT_OPENING_S

    def shorten_patience(self) -> None:
        """Wait for the server no longer than a moment from now on."""
        self._patience_s = _AT_THE_END_S

    async def open_async(self, pool: Any = None) -> None:  # noqa: ANN401 - as the library has it
        """Open the pool. It waits half a minute for a server, so one connection is tried first."""
        address, options = self._pool_args["conninfo"], self._pool_args["kwargs"]
        trial = await psycopg.AsyncConnection.connect(address, **options)
        await trial.close()
        await super().open_async(pool)

    async def make_tables(self) -> None:
        """Make the queue's tables where they are missing."""
        async with self.pool.connection() as connection, connection.transaction():
            lock = AdvisoryLock.QUEUE_TABLES.value
            await connection.execute(f"SELECT pg_advisory_xact_lock({lock})".encode())
            found = await connection.execute("SELECT to_regclass('procrastinate_jobs') IS NULL")
            if (await found.fetchone() or (False,))[0]:
                await connection.execute(SchemaManager.get_schema())
        self._patience_s = _PATIENCE_S

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:  # noqa: ANN401 - as the library has it
        """Run a statement; a job that somebody else has ended is no fault."""
        try:
            await self._retry(super().execute_query_async, query, arguments)
        except ConnectorException as error:
            if not isinstance(error.__cause__, psycopg.errors.RaiseException):
                raise

    async def execute_query_one_async(
        self,
        query: LiteralString,
        **arguments: Any,  # noqa: ANN401 - as the library has it
    ) -> dict[str, Any]:
        """Return the one row of a query."""
        return await self._retry(super().execute_query_one_async, query, arguments)

    async def execute_query_all_async(
        self,
        query: LiteralString,
        **arguments: Any,  # noqa: ANN401 - as the library has it
    ) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        return await self._retry(super().execute_query_all_async, query, arguments)

    async def _retry(
        self, ask: Callable[..., Awaitable[T]], query: LiteralString, arguments: dict[str, Any]
    ) -> T:
        retry = OutageRetry(_is_outage, patience_s=self._patience_s)
        return await retry.call_async(ask, query, **arguments)


def _is_outage(error: BaseException) -> bool:
    outages = psycopg.OperationalError | psycopg.InterfaceError
    return isinstance(error, ConnectorException) and isinstance(error.__cause__, outages)


def fault(error: BaseException) -> StoreError:
    """Return the error to raise where the server did not come back."""
    cause = error.__cause__ or error
    why = next((line for line in str(cause).splitlines() if line.strip()), type(cause).__name__)
    return StoreError(
        f"the queue: {why.strip()[:200]}. Check that the server of database_url runs and lets you in, "
        "then run the same command again: nothing is lost."
    )
