"""Prompt sets as files, their checks and log, and the optimisation tiers: what is changed between phases."""
