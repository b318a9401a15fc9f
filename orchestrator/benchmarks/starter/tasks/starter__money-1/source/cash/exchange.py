"""Exchange rates."""

from decimal import Decimal

from cash.money import Money


class UnknownRate(LookupError):
    """No rate is known between two currencies."""


class Rates:
    """Prices of currencies in terms of a base currency.

    ``rates`` maps a currency to the number of its units that one unit of
    ``base`` buys, as text or Decimal.
    """

    def __init__(self, base, rates):
        self.base = base
        self._rates = {currency: Decimal(rate) for currency, rate in rates.items()}
        self._rates[base] = Decimal(1)
        if any(rate <= 0 for rate in self._rates.values()):
            raise ValueError("rates must be positive")

    def rate(self, source, target):
        """Units of ``target`` per unit of ``source``; raises UnknownRate."""
        for currency in (source, target):
            if currency not in self._rates:
                raise UnknownRate(currency)
        return self._rates[target] / self._rates[source]

    def convert(self, amount, target):
        """The amount in another currency, rounded half up."""
        if amount.currency == target:
            return amount
        converted = amount.times(self.rate(amount.currency, target))
        return Money(converted.cents, target)

    def total(self, amounts, target):
        """The sum of amounts of any currencies, converted one by one."""
        result = Money(0, target)
        for amount in amounts:
            result = result + self.convert(amount, target)
        return result
