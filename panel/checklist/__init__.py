"""The checklist: ballots and facts by rules over the words of a text. It asks no model."""
