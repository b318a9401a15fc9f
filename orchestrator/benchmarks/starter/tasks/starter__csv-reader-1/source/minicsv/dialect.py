"""How a file separates and quotes its fields."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """``delimiter`` and ``quote`` are single characters."""

    delimiter: str = ","
    quote: str = '"'

    def __post_init__(self):
        for name in ("delimiter", "quote"):
            if len(getattr(self, name)) != 1:
                raise ValueError(f"{name} must be one character")
        if self.delimiter == self.quote:
            raise ValueError("delimiter and quote must differ")

    def needs_quotes(self, field):
        """Whether ``field`` must be quoted to survive a round trip."""
        return any(c in field for c in (self.delimiter, self.quote, "\n"))


EXCEL_EU = Dialect(delimiter=";")
