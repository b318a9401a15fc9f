"""Why an order cannot be found."""


class ResolveError(Exception):
    """Base class of all errors of this package."""


class MissingError(ResolveError):
    """A package is required that no manifest describes."""

    def __init__(self, name, required_by):
        super().__init__(f"{required_by} needs {name}, which does not exist")
        self.name = name
        self.required_by = required_by


class CycleError(ResolveError):
    """Packages that need each other; ``cycle`` starts and ends with the same name."""

    def __init__(self, cycle):
        super().__init__("dependency cycle: " + " -> ".join(cycle))
        self.cycle = cycle
