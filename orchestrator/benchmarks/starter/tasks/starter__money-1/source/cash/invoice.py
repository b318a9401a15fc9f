"""Invoices: lines, discount, total."""

from dataclasses import dataclass, field
from functools import reduce
from operator import add

from cash.allocate import allocate
from cash.money import Money


@dataclass(frozen=True)
class Line:
    """``quantity`` pieces of something at ``price`` each."""

    text: str
    price: Money
    quantity: int = 1

    @property
    def amount(self):
        """The price of all pieces."""
        return self.price.times(self.quantity)


@dataclass
class Invoice:
    """Lines in one currency and an optional discount on the whole invoice."""

    lines: list = field(default_factory=list)
    discount: Money = Money(0)

    def subtotal(self):
        """Sum of the lines before the discount."""
        return reduce(add, (line.amount for line in self.lines), Money(0))

    def total(self):
        """What the customer has to pay."""
        return self.subtotal() - self.discount

    def discounts_per_line(self):
        """The discount divided among the lines by their amounts."""
        return allocate(self.discount, [line.amount.cents for line in self.lines])
