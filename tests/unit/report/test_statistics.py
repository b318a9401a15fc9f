"""The statistics: known values, and agreement with statsmodels where scipy is used."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.report.statistics import (
    BATCH,
    MET,
    NOT_MET,
    NOT_SHOWN,
    RESAMPLES,
    Interval,
    clopper_pearson,
    mcnemar_exact,
    mean_interval,
    paired_bootstrap,
    predicted_count,
    quantiles,
    verdict_on,
    wilson,
)


@pytest.mark.parametrize(("ours", "method"), [(wilson, "wilson"), (clopper_pearson, "beta")])
@pytest.mark.parametrize(("k", "n"), [(0, 5), (3, 10), (5, 5), (213, 300)])
def test_intervals_agree_with_statsmodels(ours, method, k, n):
    """Wilson and Clopper-Pearson are what another library makes of the same counts."""
    from statsmodels.stats.proportion import proportion_confint

    found = ours(k, n)
    low, high = proportion_confint(k, n, method=method)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))


def test_intervals_hold_the_rate_at_both_ends():
    """None of any n reaches down to 0 and all of it up to 1, to the last digit: a picture draws from the rate to the bound."""
    for n in range(1, 400):
        assert wilson(0, n).low == clopper_pearson(0, n).low == 0
        assert wilson(n, n).high == clopper_pearson(n, n).high == 1


def test_no_trials_have_no_interval():
    """Nothing out of nothing is unknown, not zero."""
    assert wilson(0, 0) is None
    assert clopper_pearson(0, 0) is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_agrees_with_statsmodels(b, c):
    """The exact test is statsmodels' exact test, and never shows anything on fewer than six flips."""
    from statsmodels.stats.contingency_tables import mcnemar

    found = mcnemar_exact(b, c)
    if b + c:
        assert found.p_value == pytest.approx(mcnemar([[9, b], [c, 9]], exact=True).pvalue)
    if b + c < 6:
        assert found.shows.startswith("NOT SHOWN")
        assert "six are the least" in found.shows


def test_mcnemar_says_which_side():
    """Six flips one way are enough, and the winner is named."""
    assert mcnemar_exact(0, 6).shows.startswith("B resolves more")
    assert mcnemar_exact(9, 1).shows.startswith("A resolves more")
    assert "within chance" in mcnemar_exact(4, 5).shows


def test_verdicts_are_three():
    """MET and NOT MET take the whole interval; anything between is NOT SHOWN."""
    interval = Interval(0.4, 0.6, "m")
    assert verdict_on(interval, at_least=0.4) == MET
    assert verdict_on(interval, at_least=0.7) == NOT_MET
    assert verdict_on(interval, at_least=0.5) == NOT_SHOWN
    assert verdict_on(interval, at_most=0.6) == MET
    assert verdict_on(interval, at_most=0.3) == NOT_MET
    assert verdict_on(None, at_least=0.1) == NOT_SHOWN


def test_bootstrap_is_of_the_pairs_and_repeatable():
    """The interval holds the mean, is the same every time, and is refused where there is no spread."""
    differences = [1] * 30 + [0] * 60 + [-1] * 10
    found = paired_bootstrap(differences)
    assert found.low < 0.2 < found.high
    assert found == paired_bootstrap(differences)
    assert found.low == pytest.approx(0.08, abs=0.03)
    assert paired_bootstrap([1, 1, 1]) is None
    assert paired_bootstrap([1]) is None


def test_prediction_holds_what_is_known_already():
    """Phase 5's count is what phase 4 resolved plus a prediction for the rest, wider than a guess at the rate."""
    expected, interval = predicted_count(60, 100, 300)
    assert expected == pytest.approx(60 + 200 * 60.5 / 101)
    assert 60 <= interval.low < expected < interval.high <= 260
    assert interval.high - interval.low > 2 * 1.96 * (200 * 0.6 * 0.4) ** 0.5
    assert predicted_count(7, 10, 10) == (7, Interval(7, 7, interval.method))
    assert predicted_count(0, 0, 300) is None


def test_prediction_covers():
    """Of many simulated ramps about 95% end inside the interval."""
    import numpy as np

    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(300):
        order = rng.permutation([True] * 170 + [False] * 130)
        _, interval = predicted_count(int(order[:100].sum()), 100, 300)
        inside += interval.low <= 170 <= interval.high
    assert inside / 300 >= 0.92  # 0.95 less two standard errors of 300 simulations


def test_quantiles_have_bounds_only_where_the_sample_carries_them():
    """Five values cannot bound a 95th percentile from above; nine thousand can."""
    few, lots = quantiles([1.0, 2.0, 3.0, 4.0, 9.0]), quantiles([float(i) for i in range(9000)])
    assert few["p50"]["value"] == 3.0
    assert few["p95"]["high"] is None
    assert lots["p95"]["low"] < lots["p95"]["value"] < lots["p95"]["high"]
    assert quantiles([])["n"] == 0


def test_mean_interval_without_spread_has_no_width():
    """Costs that are all zero are zero."""
    assert mean_interval([0.0, 0.0]).high == 0.0
    assert mean_interval([1.0]) is None
    from scipy.stats import ttest_1samp

    known = ttest_1samp([1.0, 2.0, 4.0], 0.0).confidence_interval(0.95)
    found = mean_interval([1.0, 2.0, 4.0])
    assert (found.low, found.high) == (pytest.approx(known.low), pytest.approx(known.high))


def test_bootstrap_is_scipys():
    """The same generator gives the interval of scipy's percentile bootstrap, to the last digit."""
    import numpy as np
    from scipy.stats import bootstrap

    differences = [0.5, -1.0, 3.25, 0.0, 0.0, 2.0, -0.25, 1.5]
    known = bootstrap(
        (np.array(differences),), np.mean, n_resamples=RESAMPLES, method="percentile", batch=BATCH,
        rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    found = paired_bootstrap(differences)
    assert (found.low, found.high) == (pytest.approx(known.low), pytest.approx(known.high))


def test_bootstrap_covers():
    """Of many experiments whose arms truly differ by 15 points about 95% have the truth inside their interval."""
    import numpy as np

    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(200):
        flips = rng.choice([1, -1, 0], size=100, p=[0.25, 0.10, 0.65])
        found = paired_bootstrap(flips.tolist())
        inside += found.low <= 0.15 <= found.high
    assert inside / 200 >= 0.90


@pytest.mark.parametrize(("method", "least"), [(wilson, 0.92), (clopper_pearson, 0.95)])
@pytest.mark.parametrize("n", [10, 30, 100])
def test_intervals_cover(method, least, n):
    """Exact coverage, averaged over rates from 5% to 95%: near 95% for Wilson's, never below it for Clopper and Pearson's."""
    import numpy as np
    from scipy.stats import binom

    rates = np.linspace(0.05, 0.95, 37)
    found = [method(k, n) for k in range(n + 1)]
    inside = [sum(binom.pmf(k, n, p) for k, i in enumerate(found) if i.low <= p <= i.high) for p in rates]
    assert float(np.mean(inside)) >= least
    if method is clopper_pearson:
        assert min(inside) >= 0.95


def test_mcnemar_holds_its_level():
    """Between arms that are alike a difference is shown in at most 5% of all flips that there can be."""
    from scipy.stats import binom

    for flips in (5, 6, 20, 57):
        shown = [k for k in range(flips + 1) if "resolves more" in mcnemar_exact(k, flips - k).shows]
        assert sum(binom.pmf(k, flips, 0.5) for k in shown) <= 0.05


@pytest.mark.parametrize(("k", "n", "size"), [(0, 100, 300), (60, 100, 300), (100, 100, 300), (3, 5, 10)])
def test_prediction_is_scipys_beta_binomial(k, n, size):
    """The bounds are the quantiles of scipy's distribution of the rest, and so is the expected count."""
    from scipy.stats import betabinom

    rest = betabinom(size - n, k + 0.5, n - k + 0.5)
    expected, interval = predicted_count(k, n, size)
    assert (interval.low, interval.high) == (k + rest.ppf(0.025), k + rest.ppf(0.975))
    assert expected == pytest.approx(k + rest.mean())


@pytest.mark.parametrize("n", [1, 2, 5, 6, 7, 30, 59, 100, 299, 300])
def test_quantile_bounds_are_those_of_scipys_quantile_test(n: int) -> None:
    """The same order statistics, and none where scipy has none."""
    values = np.random.default_rng(n).exponential(size=n)
    found = quantiles(list(values))
    for name, p in (("p50", 0.5), ("p95", 0.95)):
        wanted = scipy.stats.quantile_test(values, q=found[name]["value"], p=p).confidence_interval(0.95)
        got = [np.nan if found[name][side] is None else found[name][side] for side in ("low", "high")]
        assert got == pytest.approx([wanted.low, wanted.high], nan_ok=True)
