"""Release feeds and web pages: fetched with care, parsed in a child process, read into entries."""
