"""The daily batch: release feeds in, finished panels and a report out."""
