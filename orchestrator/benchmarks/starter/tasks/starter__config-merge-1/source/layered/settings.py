"""The settings object of an application."""

from layered.merge import deep_merge
from layered.paths import get_path, set_path


class Settings:
    """Defaults with any number of layers on top; later layers win."""

    def __init__(self, defaults, *layers):
        self._data = dict(defaults)
        for layer in layers:
            self._data = deep_merge(self._data, layer)

    def get(self, path, default=None):
        """The value at a dotted path, or ``default``."""
        try:
            return get_path(self._data, path)
        except KeyError:
            return default

    def require(self, path):
        """The value at a dotted path; raises KeyError when missing."""
        return get_path(self._data, path)

    def set(self, path, value):
        """Change one value of this object only."""
        set_path(self._data, path, value)

    def with_layer(self, layer):
        """A new Settings with one more layer; this one stays as it is."""
        return Settings(self._data, layer)

    def as_dict(self):
        """The settings as plain data, which the caller may change freely."""
        return dict(self._data)
