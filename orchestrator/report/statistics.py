"""Every statistic of a report, by scipy; each says its method, so that the page can.

Intervals are two-sided at 95%. Wilson's is for display, Clopper and Pearson's (exact, conservative) for gates. What a gate and a
comparison need comes from `scipy.special`, since importing `scipy.stats` takes longer than either may; the tests hold it
against `scipy.stats` and statsmodels.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONFIDENCE = 0.95
RESAMPLES, BATCH, KEPT = 9_999, 500, 500  # batches bound the memory; draws of up to KEPT pairs are kept: 40 MB
MET, NOT_MET, NOT_SHOWN = "MET", "NOT MET", "NOT SHOWN"


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence or prediction interval with the name of its method. In the unit of what it is about."""

    low: float
    high: float
    method: str
    level: float = CONFIDENCE

    def as_dict(self) -> dict[str, Any]:
        """The interval as it goes to JSON."""
        return asdict(self)


def wilson(successes: int, total: int) -> Interval | None:
    """Wilson's score interval of a proportion, for display (Wilson 1927, without continuity correction). None without trials."""
    from scipy.special import ndtri

    if total == 0:
        return None
    z = float(ndtri((1 + CONFIDENCE) / 2))
    p, share = successes / total, z * z / total
    middle = (p + share / 2) / (1 + share)
    half = z / (1 + share) * (p * (1 - p) / total + share / (4 * total)) ** 0.5
    # At the ends the formula gives 0 and 1, but for the last digit.
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == total else middle + half
    return Interval(low, high, "Wilson")


def clopper_pearson(successes: int, total: int) -> Interval | None:
    """Clopper and Pearson's exact interval of a proportion, for gates: quantiles of beta distributions. None without trials."""
    from scipy.special import betaincinv

    if total == 0:
        return None
    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(successes, total - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, total - successes, 1 - tail)) if successes < total else 1.0
    return Interval(low, high, "Clopper-Pearson")


def verdict_on(interval: Interval | None, *, at_least: float | None = None, at_most: float | None = None) -> str:
    """MET where the whole interval is on the right side of the bound, NOT MET where none of it is, else NOT SHOWN."""
    if interval is None:
        return NOT_SHOWN
    if at_least is not None:
        return MET if interval.low >= at_least else NOT_MET if interval.high < at_least else NOT_SHOWN
    assert at_most is not None, "a rule has one of the two bounds"
    return MET if interval.high <= at_most else NOT_MET if interval.low > at_most else NOT_SHOWN


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's exact test on paired outcomes: `only_a` and `only_b` are the pairs that differ."""

    only_a: int
    only_b: int
    p_value: float
    shows: str


def mcnemar_exact(only_a: int, only_b: int) -> McNemar:
    """The two-sided exact (binomial) form; `shows` says plainly when there are too few flips to show anything.

    With n flips the smallest p-value is 2 * 0.5**n, so that fewer than six can never reach 0.05.
    """
    from scipy.special import bdtr

    flips = only_a + only_b
    p = min(1.0, 2 * float(bdtr(min(only_a, only_b), flips, 0.5))) if flips else 1.0
    if p < 1 - CONFIDENCE:
        shows = f"{'A' if only_a > only_b else 'B'} resolves more (p = {p:.3g})"
    elif flips < 6:
        shows = f"NOT SHOWN: {flips} flips cannot show a difference, whichever way they fall (six are the least)"
    else:
        shows = f"NOT SHOWN: {only_a} against {only_b} flips is within chance (p = {p:.3g})"
    return McNemar(only_a, only_b, p, shows)


def paired_bootstrap(differences: Sequence[float], seed: int = 0) -> Interval | None:
    """Percentile bootstrap interval of the mean of paired differences; None for fewer than two, or where all are equal."""
    import numpy as np

    if len(differences) < 2 or len(set(differences)) == 1:
        return None
    sample = np.asarray(differences, dtype=float)
    draws = _kept_draws(len(sample), seed) if len(sample) <= KEPT else _draws(len(sample), seed)
    means = np.concatenate([counts @ sample for counts in draws]) / len(sample)
    low, high = np.percentile(means, [100 * (1 - CONFIDENCE) / 2, 100 * (1 + CONFIDENCE) / 2])
    return Interval(float(low), float(high), f"paired bootstrap, {RESAMPLES} resamples, percentile")


def _draws(size: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Resamples of `size` pairs with replacement, a batch at a time: how often each pair is in each resample."""
    import numpy as np

    rng = np.random.default_rng(seed)
    for at in range(0, RESAMPLES, BATCH):
        n = min(BATCH, RESAMPLES - at)
        drawn = rng.integers(0, size, (n, size)) + size * np.arange(n)[:, None]
        yield np.bincount(drawn.ravel(), minlength=n * size).reshape(n, size).astype(float)


@functools.lru_cache(maxsize=2)
def _kept_draws(size: int, seed: int) -> tuple[NDArray[np.float64], ...]:
    # A comparison asks for several means over the same pairs; drawing is what takes time.
    return tuple(_draws(size, seed))


def predicted_count(successes: int, total: int, size: int) -> tuple[float, Interval] | None:
    """What a phase of `size` will count whose first `total` are known to hold `successes`: the expected count and its interval.

    The rest is beta-binomial: Jeffreys' prior Beta(0.5, 0.5) updated by what is known. It takes the known instances for a fair
    sample of the rest, which a list stratified by repository makes plausible and nothing makes certain.
    """
    import numpy as np
    from scipy.special import betaln

    rest = size - total
    if total == 0 or rest < 0:
        return None
    a, b = successes + 0.5, total - successes + 0.5
    tail, k = (1 - CONFIDENCE) / 2, np.arange(rest + 1)
    choose = -np.log(rest + 1) - betaln(rest - k + 1, k + 1)
    below = np.cumsum(np.exp(choose + betaln(k + a, rest - k + b) - betaln(a, b)))
    low, high = (float(np.searchsorted(below, q)) for q in (tail, 1 - tail))
    interval = Interval(successes + low, successes + high, "beta-binomial prediction, Jeffreys prior")
    return successes + rest * a / (a + b), interval


def quantiles(values: Sequence[float]) -> dict[str, Any]:
    """p50 and p95 with distribution-free intervals (order statistics); a bound that the sample is too small for is None.

    Conover, Practical Nonparametric Statistics (1999), 3.2: how many values lie below the quantile is binomial.
    """
    import numpy as np
    from scipy.special import bdtr

    if not values:
        return {"n": 0, "p50": None, "p95": None, "method": "order statistics"}
    ordered = np.sort(np.asarray(values, dtype=float))
    n, tail = len(ordered), (1 - CONFIDENCE) / 2
    out: dict[str, Any] = {"n": n, "mean": float(ordered.mean()), "method": "order statistics"}
    for name, p in (("p50", 0.5), ("p95", 0.95)):
        value = float(np.quantile(ordered, p, method="inverted_cdf"))
        below, above = np.searchsorted(bdtr(np.arange(n + 1), n, p), [tail, 1 - tail])
        low = float(ordered[below - 1]) if below > 0 else None
        out[name] = {"value": value, "low": low, "high": float(ordered[above]) if above < n else None}
    return out


def mean_interval(values: Sequence[float]) -> Interval | None:
    """Student's t interval of a mean, without width where all values are equal; None for fewer than two."""
    import numpy as np
    from scipy.special import stdtrit

    if len(values) < 2:
        return None
    if len(set(values)) == 1:
        return Interval(values[0], values[0], "Student's t")
    sample = np.asarray(values, dtype=float)
    middle = float(sample.mean())
    half = float(stdtrit(len(values) - 1, (1 + CONFIDENCE) / 2) * sample.std(ddof=1) / len(values) ** 0.5)
    return Interval(middle - half, middle + half, "Student's t")
