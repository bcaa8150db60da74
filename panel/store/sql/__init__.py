"""The ledger in a database: the same SQL for SQLite, a file, and for Postgres, many machines."""
