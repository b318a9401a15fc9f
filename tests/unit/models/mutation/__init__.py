"""The engine without an LLM."""
