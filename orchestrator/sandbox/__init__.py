"""Sandboxes: where repository code may run."""
