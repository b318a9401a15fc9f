"""One field of an expression."""

from dataclasses import dataclass


class CronError(ValueError):
    """The expression is malformed."""


@dataclass(frozen=True)
class FieldSpec:
    """Name and range of a field, with optional names for its values."""

    name: str
    low: int
    high: int
    names: tuple = ()

    def number(self, text):
        """A single value, given as a number or by its name."""
        if text.lower() in self.names:
            return self.low + self.names.index(text.lower())
        if not text.isdigit():
            raise CronError(f"{self.name}: not a number: {text!r}")
        value = int(text)
        if not self.low <= value <= self.high:
            raise CronError(f"{self.name}: {value} is not in {self.low}-{self.high}")
        return value


MONTHS = tuple("jan feb mar apr may jun jul aug sep oct nov dec".split())
WEEKDAYS = tuple("sun mon tue wed thu fri sat".split())

MINUTE = FieldSpec("minute", 0, 59)
HOUR = FieldSpec("hour", 0, 23)
DAY = FieldSpec("day of month", 1, 31)
MONTH = FieldSpec("month", 1, 12, MONTHS)
WEEKDAY = FieldSpec("day of week", 0, 6, WEEKDAYS)


def parse_field(text, spec):
    """The set of values of a field such as ``*/15`` or ``1-5,mon``."""
    values = set()
    for part in text.split(","):
        values |= _parse_part(part, spec)
    return frozenset(values)


def _parse_part(part, spec):
    span, slash, step_text = part.partition("/")
    step = 1
    if slash:
        if not step_text.isdigit() or int(step_text) == 0:
            raise CronError(f"{spec.name}: bad step: {part!r}")
        step = int(step_text)
    if span == "*":
        low, high = spec.low, spec.high
    elif "-" in span:
        first, last = span.split("-", 1)
        low, high = spec.number(first), spec.number(last)
        if low > high:
            raise CronError(f"{spec.name}: range is reversed: {span!r}")
    else:
        low = spec.number(span)
        high = spec.high if slash else low
    return set(range(low, high + 1, step))
