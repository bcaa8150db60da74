"""Stores: files and databases that keep runs, pages, personas and the ledger."""
