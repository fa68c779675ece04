"""The statistics of studies are those of the textbooks, held against published numbers and second computations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from exrx.study.statistics import alike, bootstrap, difference, disagreement, kappas, rate, ratio, share

# Cohen 1968, table 1: two judges, 200 cases, three diagnoses; weights of disagreement 1, 3, 6. Printed: .492 and .348.
COHEN = np.array([[88, 10, 2], [14, 40, 6], [18, 10, 12]])
COHEN_WEIGHTS = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])


def test_cohens_own_table_gives_cohens_own_kappas():
    """Unweighted .492 and weighted .348, as printed in 1968."""
    assert kappas(COHEN) == pytest.approx(0.492, abs=5e-4)
    assert kappas(COHEN, COHEN_WEIGHTS) == pytest.approx(0.348, abs=5e-4)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60))
def test_kappa_is_chance_corrected_agreement(pairs):
    """Weighted and not, it is (seen - expected) / (1 - expected) agreement, counted pair by pair."""
    table = np.zeros((4, 4), int)
    for a, b in pairs:
        table[a, b] += 1
    for weights, close in (
        ("none", lambda a, b: float(a == b)),
        ("linear", lambda a, b: 1 - abs(a - b) / 3),
        ("quadratic", lambda a, b: 1 - (a - b) ** 2 / 9),
    ):
        seen = sum(close(a, b) for a, b in pairs) / len(pairs)
        chance = sum(close(a, b) for a, _ in pairs for _, b in pairs) / len(pairs) ** 2
        if 1 - chance < 1e-12:
            assert np.isnan(kappas(table, weights))
        else:
            assert kappas(table, weights) == pytest.approx((seen - chance) / (1 - chance), abs=1e-9)


@given(st.integers(2, 7))
def test_the_furthest_pair_counts_one_and_agreement_nothing(levels):
    """Whatever the weights."""
    for weights in ("none", "linear", "quadratic"):
        apart = disagreement(levels, weights)
        assert apart[0, -1] == apart.max() == 1
        assert not apart.diagonal().any()


@given(st.integers(0, 400), st.integers(1, 400))
def test_wilsons_interval_is_where_the_score_test_stops_rejecting(k, n):
    """At each end the hypothesis lies 1.96 standard errors (under itself) from what was seen."""
    k = min(k, n)
    found = share(k, n)
    z = stats.norm.ppf(0.975)
    for end in (found.low, found.high):
        if 1e-9 < end < 1 - 1e-9:
            assert abs(k / n - end) == pytest.approx(z * np.sqrt(end * (1 - end) / n), rel=1e-6)
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(st.integers(0, 60), st.floats(0.1, 5000))
def test_the_poisson_interval_is_exact(events, hours):
    """At each end, as many events or more (or fewer) have a chance of exactly 2.5 %."""
    found = rate(events, hours)
    assert stats.poisson.cdf(events, found.high * hours / 1000) == pytest.approx(0.025, rel=1e-6)
    if events:
        assert stats.poisson.sf(events - 1, found.low * hours / 1000) == pytest.approx(0.025, rel=1e-6)
    else:
        assert found.low == 0


def test_ten_events_have_the_interval_of_the_tables():
    """4.80 to 18.39, as printed in tables of the exact Poisson interval; none gives 0 to 3.69."""
    assert (rate(10, 1000).low, rate(10, 1000).high) == pytest.approx((4.795, 18.390), abs=1e-3)
    assert rate(0, 1000).high == pytest.approx(3.689, abs=1e-3)


def test_of_nobody_nothing_is_known():
    """A share of nobody and a rate without exposure span everything, and impossible counts are refused."""
    assert (share(0, 0).low, share(0, 0).high) == (0, 1)
    assert np.isnan(share(0, 0).value)
    assert (rate(0, 0).low, rate(0, 0).high) == (0, float("inf"))
    for wrong in (lambda: share(3, 2), lambda: rate(-1, 2.0), lambda: rate(1, float("nan"))):
        with pytest.raises(ValueError, match="is no"):
            wrong()


def test_the_bootstrap_is_scipys():
    """A paired difference of means has the interval that scipy.stats.bootstrap gives, within its own noise."""
    rng = np.random.default_rng(5)
    before = rng.integers(0, 2, 300)
    after = np.where(rng.random(300) < 0.2, 1 - before, before)
    pairs = np.stack([before, after, np.ones(300, int)], axis=1)
    kinds, counts = alike(pairs)

    def difference(sums):
        return (sums[:, 1] - sums[:, 0]) / sums[:, 2]

    [found] = bootstrap(kinds, counts, difference, seed=1, times=20_000)
    scipys = stats.bootstrap(
        (before, after), lambda a, b, axis: b.mean(axis) - a.mean(axis), paired=True, method="percentile",
        n_resamples=20_000, rng=np.random.default_rng(2),
    ).confidence_interval  # fmt: skip
    assert found.value == pytest.approx(after.mean() - before.mean())
    assert (found.low, found.high) == pytest.approx((scipys.low, scipys.high), abs=0.004)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40), st.integers(0, 99))
def test_the_same_seed_gives_the_same_interval_whatever_the_order(pairs, seed):
    """Rows in another order are the same patients."""
    rows = np.array(pairs)

    def mean(sums):
        return sums / len(pairs)

    first, second = (bootstrap(*alike(each), mean, seed=seed, times=200) for each in (rows, rows[::-1]))
    assert first == second
    assert all(each.low <= each.high for each in first)


def test_drawing_patients_keeps_their_sessions_together():
    """Ten sessions of one patient are no ten patients: the interval is that of the patients."""
    alone, ten = np.array([[0, 1], [1, 1]]), np.array([[0, 10], [10, 10]])

    def mean(sums):
        return sums[:, 0] / sums[:, 1]

    counts = [20, 20]
    assert bootstrap(ten, counts, mean, seed=3) == bootstrap(alone, counts, mean, seed=3)


def test_a_statistic_that_is_never_defined_has_no_interval():
    """All answers alike: kappa says nothing, and neither does its interval."""
    [found] = bootstrap([[1.0, 0, 0, 0]], [9], lambda sums: kappas(sums.reshape(-1, 2, 2)), seed=1, times=50)
    assert np.isnan([found.value, found.low, found.high]).all()
    with pytest.raises(ValueError, match="counts for kinds"):
        bootstrap([[1.0]], [1, 2], lambda sums: sums, seed=1)


PAIRS = st.tuples(st.integers(1, 200), st.integers(1, 200)).flatmap(
    lambda sizes: st.tuples(st.integers(0, sizes[0]), st.just(sizes[0]), st.integers(0, sizes[1]), st.just(sizes[1]))
)


def score_ends(k, n, level=0.95):
    """The shares that a score test of this level just does not reject, solved and not computed from a formula."""
    z = stats.norm.ppf((1 + level) / 2)

    def beyond(true):
        return (k / n - true) ** 2 - z**2 * true * (1 - true) / n

    low = 0.0 if k == 0 else optimize.brentq(beyond, 0, k / n - 1e-9)
    high = 1.0 if k == n else optimize.brentq(beyond, k / n + 1e-9, 1)
    return low, high


@settings(max_examples=60)
@given(PAIRS)
def test_the_interval_of_a_difference_is_newcombes_from_score_ends_solved_anew(four):
    """Both ends by a second way: the score test's ends found by root finding, squared and added (his method 10)."""
    k, n, j, m = four
    (low, high), (least, most) = score_ends(k, n), score_ends(j, m)
    gap = k / n - j / m
    found = difference(k, n, j, m)
    assert found.value == pytest.approx(gap)
    assert found.low == pytest.approx(gap - ((k / n - low) ** 2 + (most - j / m) ** 2) ** 0.5, abs=1e-8)
    assert found.high == pytest.approx(gap + ((high - k / n) ** 2 + (j / m - least) ** 2) ** 0.5, abs=1e-8)


@settings(max_examples=60)
@given(PAIRS)
def test_two_shares_compared_the_other_way_round_give_the_mirrored_answer(four):
    """The difference changes its sign and the ratio is one over it, ends included; the value lies between them."""
    k, n, j, m = four
    one, other = difference(k, n, j, m), difference(j, m, k, n)
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))
    assert -1 <= one.low <= one.value <= one.high <= 1
    if k and j:
        there, back = ratio(k, n, j, m), ratio(j, m, k, n)
        assert (there.value, there.low, there.high) == pytest.approx((1 / back.value, 1 / back.high, 1 / back.low))
        error = (1 / k - 1 / n + 1 / j - 1 / m) ** 0.5
        assert there.low == pytest.approx(there.value * np.exp(-1.959963984540054 * error))
    else:
        assert (ratio(k, n, j, m).low, ratio(k, n, j, m).high) == (0, np.inf)


def test_drawn_samples_of_many_people_fall_into_the_intervals_of_difference_and_ratio():
    """With 2,000 and 3,000 people the bootstrap over patients has nearly the same ends, for both measures."""
    k, n, j, m = 900, 2000, 1650, 3000
    kinds = [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 0]]
    drawn = bootstrap(kinds, [k, n - k, j, m - j], lambda s: np.stack(
        [s[:, 1] / s[:, 0] - s[:, 3] / s[:, 2], s[:, 1] / s[:, 0] / (s[:, 3] / s[:, 2])], axis=1), seed=3)  # fmt: skip
    for found, sampled in zip((difference(k, n, j, m), ratio(k, n, j, m)), drawn, strict=True):
        assert found.value == pytest.approx(sampled.value)
        assert (found.low, found.high) == pytest.approx((sampled.low, sampled.high), abs=6e-3)


def test_a_share_of_nobody_is_compared_with_nothing():
    """Without people on one side the value is not defined and every value stays possible."""
    found, divided = difference(0, 0, 3, 9), ratio(0, 0, 3, 9)
    assert np.isnan(found.value)
    assert (found.low, found.high) == (-1, 1)
    assert np.isnan(divided.value)
    assert (divided.low, divided.high) == (0, np.inf)
    assert np.isnan(ratio(3, 9, 0, 9).value)
