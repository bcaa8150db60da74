"""The public site: pages, feeds and data files of what an editor has approved."""
