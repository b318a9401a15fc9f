"""From a request to tools and a run: settings, wiring, one process on one run, two runs side by side."""
