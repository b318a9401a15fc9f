"""Exact amounts of money."""

from cash.allocate import allocate, split
from cash.invoice import Invoice, Line
from cash.money import CurrencyMismatch, Money

__all__ = ["CurrencyMismatch", "Invoice", "Line", "Money", "allocate", "split"]
