"""The numbers of the advisory locks on Postgres: any will do that differ, and each has one use."""

from enum import IntEnum, unique


@unique
class AdvisoryLock(IntEnum):
    """What is locked. Postgres counts these numbers by database, and all tables may be in one."""

    LEDGER_TABLES = 0x5B1B_5C1E
    BATCH = 0x5B1B_5C1F
    SHARED_TABLES = 0x5B1B_5C20
    WORKERS = 0x5B1B_5C21
    QUEUE_TABLES = 0x5B1B_5C22
    SUBSCRIBER_TABLES = 0x5B1B_5C23
    VOTE_TABLES = 0x5B1B_5C24
