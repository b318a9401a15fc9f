"""Configuration in layers: defaults, files, environment."""

from layered.env import from_environment
from layered.merge import deep_merge
from layered.settings import Settings

__all__ = ["Settings", "deep_merge", "from_environment"]
