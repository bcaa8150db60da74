"""Screening: what in a vendor's text addresses the reviewers, hides, or names another thing."""
