"""What the editors decide on a run, and what the public may read because of it."""
