"""Order packages so that every package comes after what it needs."""

from resolver.errors import CycleError, MissingError
from resolver.manifest import parse_manifest
from resolver.order import install_order, needed_by

__all__ = ["CycleError", "MissingError", "install_order", "needed_by", "parse_manifest"]
