"""The command line: it parses, shows and exits. It decides nothing."""
