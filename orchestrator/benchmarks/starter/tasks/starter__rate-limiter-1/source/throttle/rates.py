"""Rates such as "10/second"."""

from dataclasses import dataclass

PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Rate:
    """``amount`` per ``period_s`` seconds."""

    amount: int
    period_s: int

    @property
    def per_second(self):
        """Tokens that become available per second."""
        return self.amount / self.period_s


def parse_rate(text):
    """A Rate from text such as ``10/second`` or ``100/15 minutes``."""
    amount, slash, period = text.partition("/")
    parts = period.split()
    if not slash or not amount.strip().isdigit() or not 1 <= len(parts) <= 2:
        raise ValueError(f"not a rate: {text!r}")
    count = int(parts[0]) if len(parts) == 2 else 1
    unit = parts[-1].lower()
    unit = unit[:-1] if unit.endswith("s") else unit
    if unit not in PERIODS or int(amount) < 1 or count < 1:
        raise ValueError(f"not a rate: {text!r}")
    return Rate(int(amount), count * PERIODS[unit])
