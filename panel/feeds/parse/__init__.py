"""The inside of the child process that reads feeds and pages: `feeds/reader.py` starts it.

No module imports it: it runs. It holds no key and opens no connection, and what it costs is bounded
before it looks into a byte.
"""
