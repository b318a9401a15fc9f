"""An amount in a currency."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies cannot be combined."""


@dataclass(frozen=True)
class Money:
    """``cents`` of ``currency``; may be negative."""

    cents: int
    currency: str = "EUR"

    @classmethod
    def parse(cls, text, currency="EUR"):
        """An amount from text such as ``12.34``; more digits are rounded half up."""
        exact = Decimal(text.replace(",", "")) * 100
        return cls(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), currency)

    def _same_currency(self, other):
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def __add__(self, other):
        self._same_currency(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other):
        return self + -other

    def __neg__(self):
        return Money(-self.cents, self.currency)

    def __lt__(self, other):
        self._same_currency(other)
        return self.cents < other.cents

    def times(self, factor):
        """The amount multiplied by an int or a Decimal, rounded half up."""
        exact = self.cents * Decimal(factor)
        return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), self.currency)

    def __str__(self):
        sign = "-" if self.cents < 0 else ""
        units, cents = divmod(abs(self.cents), 100)
        return f"{sign}{units:,}.{cents:02d} {self.currency}"
