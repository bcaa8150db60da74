"""The panel at work: screen, intake, reviewers, verdict; and the same again from a recording."""
