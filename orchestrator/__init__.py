"""swe-ramp: an agentic SWE-bench repair orchestrator. Importing it does nothing."""

__version__ = "0.1.0"
