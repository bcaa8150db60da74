"""The audit: how good a panel is, measured on its own archive and on controls (extra: audit)."""
