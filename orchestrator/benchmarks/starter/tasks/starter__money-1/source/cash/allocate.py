"""Dividing an amount."""

from cash.money import Money


def allocate(amount, weights):
    """Shares of ``amount`` in proportion to ``weights`` (integers, not all zero)."""
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative, and not all zero")
    return [
        Money(amount.cents * weight // total, amount.currency) for weight in weights
    ]


def split(amount, parts):
    """``amount`` in ``parts`` shares that are as equal as possible."""
    if parts < 1:
        raise ValueError("parts must be at least 1")
    return allocate(amount, [1] * parts)
