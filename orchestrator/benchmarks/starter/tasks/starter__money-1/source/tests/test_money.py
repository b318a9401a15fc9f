from decimal import Decimal

import pytest

from cash import CurrencyMismatch, Money
from cash.exchange import Rates, UnknownRate


def test_parse():
    assert Money.parse("1,234.50") == Money(123450)
    assert Money.parse("0.005") == Money(1)


def test_arithmetic():
    assert Money(5) + Money(7) - Money(2) == Money(10)
    assert Money(1) < Money(2)


def test_times():
    assert Money(1999).times(Decimal("0.19")) == Money(380)


def test_currencies_do_not_mix():
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")


def test_str():
    assert str(Money(-123456)) == "-1,234.56 EUR"


RATES = Rates("EUR", {"USD": "1.25", "CHF": "0.95"})


def test_convert():
    assert RATES.convert(Money(1000), "USD") == Money(1250, "USD")
    assert RATES.convert(Money(1250, "USD"), "EUR") == Money(1000)
    assert RATES.convert(Money(125, "USD"), "CHF") == Money(95, "CHF")


def test_total_of_several_currencies():
    amounts = [Money(100), Money(125, "USD"), Money(95, "CHF")]
    assert RATES.total(amounts, "EUR") == Money(300)


def test_unknown_rate():
    with pytest.raises(UnknownRate):
        RATES.convert(Money(1), "XXX")
