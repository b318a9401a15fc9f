"""Phases of one series: their files and frozen lists, what a run takes over from the last one, what it may spend."""
