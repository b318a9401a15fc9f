from cash import Invoice, Line, Money


def test_total():
    invoice = Invoice([Line("pen", Money(120), 3), Line("ink", Money(640))], Money(100))
    assert invoice.subtotal() == Money(1000)
    assert invoice.total() == Money(900)


def test_discounts_per_line():
    invoice = Invoice([Line("a", Money(300)), Line("b", Money(100))], Money(40))
    assert invoice.discounts_per_line() == [Money(30), Money(10)]
