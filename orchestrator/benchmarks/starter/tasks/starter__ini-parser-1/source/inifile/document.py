"""The parsed form of an INI file."""


class Document:
    """Sections in file order, each an ordered mapping of keys to strings.

    Keys before the first section header live in the section named "".
    """

    def __init__(self):
        self._sections = {}

    def section(self, name):
        """The mapping of section ``name``, created when missing."""
        return self._sections.setdefault(name, {})

    def sections(self):
        """Names of all sections, in order of appearance."""
        return list(self._sections)

    def get(self, section, key, default=None):
        """One value, or ``default`` when section or key is missing."""
        return self._sections.get(section, {}).get(key, default)

    def get_bool(self, section, key, default=False):
        """One value read as yes/no."""
        value = self.get(section, key)
        if value is None:
            return default
        lowered = value.lower()
        if lowered in ("yes", "true", "on", "1"):
            return True
        if lowered in ("no", "false", "off", "0"):
            return False
        raise ValueError(f"[{section}] {key}: not a boolean: {value!r}")

    def get_int(self, section, key, default=0):
        """One value read as an integer."""
        value = self.get(section, key)
        return default if value is None else int(value)

    def items(self):
        """Pairs of section name and mapping."""
        return self._sections.items()

    def __eq__(self, other):
        if not isinstance(other, Document):
            return NotImplemented
        return self._sections == other._sections
