"""The weekly mail: what is in it, how it is written, and how it reaches its readers."""
