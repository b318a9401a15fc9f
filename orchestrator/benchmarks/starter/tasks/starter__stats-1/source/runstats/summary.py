"""A summary of many chunks, as produced by parallel workers."""

from functools import reduce

from runstats.accumulator import Accumulator


def summarize(chunks, digits=3):
    """Merge the chunks (iterables of numbers) and report rounded figures."""
    total = reduce(Accumulator.merge, (Accumulator(c) for c in chunks), Accumulator())
    if total.count == 0:
        return {"count": 0}
    return {
        "count": total.count,
        "mean": round(total.mean, digits),
        "deviation": round(total.deviation, digits),
        "min": total.minimum,
        "max": total.maximum,
    }
