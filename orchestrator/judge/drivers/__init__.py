"""Programs that run inside a sandbox, under the repository's own Python (3.5 or later); the host reads them as text."""
