"""The sign-up service: readers come onto the list of the weekly mail, and leave it."""
