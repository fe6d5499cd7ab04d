"""Partial pooling of small strata."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from everybirth.errors import EstimateError
from everybirth.estimate import models, nohighest, pooling, pooling_fit, pooling_layout, pooling_level
from everybirth.estimate.cells import checked

# Standard deviations of the effects of area, period, sex and stratum on capture logits, and on dependence terms.
CAPTURE = (0.4, 0.15, 0.05, 0.15)
DEPENDENCE = (0.15, 0.05, 0.02, 0.05)
TERMS = {2: (2, 1), 3: (4, 2, 1, 6, 5, 3)}
COMMON = {2: (1.0, 0.5), 3: (0.2, -0.2, 0.3, 0.5, 0.3, 0.2)}


def world(rng, shape, births, n_lists=3, capture=CAPTURE, dependence=DEPENDENCE):
    """Births on every history in areas x periods x sexes, those on none included (cell 0), and the effects' codes."""
    codes = [code.ravel() for code in np.meshgrid(*(np.arange(size) for size in shape), indexing="ij")]
    codes.append(np.arange(len(codes[0])))
    singles = np.array([term.bit_count() == 1 for term in TERMS[n_lists]])
    beta = np.tile(COMMON[n_lists], (len(codes[0]), 1))
    log_level = np.full(len(codes[0]), np.log(births))
    for code, own, pair, spread in zip(codes, capture, dependence, (0.5, 0.1, 0.0, 0.1), strict=True):
        noise = rng.standard_normal((code.max() + 1, len(singles)))
        beta += (noise * np.where(singles, own, pair))[code]
        log_level += (spread * rng.standard_normal(code.max() + 1))[code]
    weight = np.exp(beta @ models.design(TERMS[n_lists], n_lists)[:, 1:].T)
    means = np.exp(log_level)[:, None] * weight / weight.sum(axis=1, keepdims=True)
    names = ("area", "period", "sex")
    return rng.poisson(means).astype(float), dict(zip(names, (code.astype(np.int32) for code in codes), strict=False))


def inside(draws, truth, rng):
    """Whether truths are in the 95 % interval of their draws; ties, of small whole numbers, are broken at random."""
    place = (draws < truth).mean(axis=0) + rng.random(np.shape(truth)) * (draws == truth).mean(axis=0)
    return np.atleast_1d((place > 0.025) & (place < 0.975))


@pytest.mark.parametrize("n_lists", [2, 3])
def test_intervals_cover_strata_areas_and_totals(n_lists):
    """In simulated worlds 95 % intervals hold the truth as often at each level, and totals are not biased."""
    covered, errors = {"stratum": [], "area": [], "total": []}, []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        counts, effects = world(rng, (24, 4, 2), 15, n_lists)
        missed, truth = pooling.pool(counts[None], effects, seed).missed, counts[:, 0]
        in_area = np.eye(24)[effects["area"]]
        covered["stratum"].append(inside(missed, truth, rng))
        covered["area"].append(inside(missed @ in_area, truth @ in_area, rng))
        covered["total"].append(inside(missed.sum(axis=1), truth.sum(), rng))
        errors.append((missed.sum(axis=1) < truth.sum()).mean())
    rates = {level: np.concatenate(found).mean() for level, found in covered.items()}
    assert 0.93 < rates["stratum"] < 0.97
    assert 0.92 < rates["area"] < 0.975
    assert rates["total"] > 0.87
    assert 0.38 < np.mean(errors) < 0.62


def test_small_strata_gain_from_the_others():
    """Where strata are small, pooled figures are nearer the truth than the strata's own, and all have one."""
    counts, effects = world(np.random.default_rng(1), (40, 6, 2), 30)
    found = pooling.pool(counts[None], effects, 0)
    alone = np.isfinite(found.unpooled)
    assert 0.2 < alone.mean() < 0.95
    pooled = np.sqrt(np.mean((found.missed.mean(axis=0) - counts[:, 0])[alone] ** 2))
    own = np.sqrt(np.mean((found.unpooled - counts[:, 0])[alone] ** 2))
    assert pooled < own / 2
    assert np.isfinite(found.missed).all()
    assert set(found.status) == {"pooled"}
    assert found.shrinkage.min() > 0.5


def test_large_strata_keep_their_own_estimate():
    """Strata of a million births that differ much are hardly shrunk; a small one among them is."""
    counts, effects = world(np.random.default_rng(2), (12, 2, 2), 1e6, capture=(0.5,) * 4, dependence=(0.3,) * 4)
    counts[5] = np.floor(counts[5] / 1e5)
    found = pooling.pool(counts[None], effects, 0)
    large = np.arange(len(counts)) != 5
    assert found.shrinkage[large].max() < 0.02
    assert set(found.status[large]) == {"ok"}
    assert np.median(found.missed, axis=0)[large] == pytest.approx(found.unpooled[large], rel=0.02)
    assert found.shrinkage[5] > 0.5
    assert found.status[5] == "pooled"


def test_one_stratum_is_the_single_table():
    """A single stratum has about the draws that the posterior of its table has, and no weight on others."""
    counts = checked([0, 414, 544, 89, 183, 934, 1659, 453])
    found = pooling.pool(np.repeat(counts[None], 4_000, axis=0), {"area": np.zeros(1, dtype=np.int32)}, 0)
    single = nohighest.posterior(counts, 20_000, seed=1)
    points = [0.025, 0.25, 0.5, 0.75, 0.975]
    expected = np.quantile(single.draws[0] - counts.sum(), points)
    assert np.quantile(found.missed[:, 0], points) == pytest.approx(expected, rel=0.07)
    assert found.unpooled[0] == pytest.approx(nohighest.point(counts).births[0] - counts.sum())
    assert found.shrinkage[0] == 0
    assert found.status[0] == "ok"


def test_two_lists_alone_are_chapman():
    """With two lists the assumption is named, and a stratum's own figure is Chapman's."""
    counts = np.array([[[0.0, 20, 30, 39], [0, 10, 15, 3]]])
    found = pooling.pool(counts, {}, 0)
    assert found.unpooled[0] == pytest.approx(20 * 30 / 40)
    assert np.isnan(found.unpooled[1])
    assert found.assumption == pooling.TWO_LISTS
    assert found.terms == ("1", "2")


@pytest.mark.parametrize(("n_lists", "terms"), [(4, "234"), (5, "45")])
def test_more_lists(n_lists, terms):
    """Four lists have terms of three, five have pairs only; equal counts give equal, plausible births missed."""
    counts = np.full((1, 6, 2**n_lists), 30.0)
    found = pooling.pool(counts, {"area": np.repeat(np.arange(3, dtype=np.int32), 2)}, 0)
    assert found.terms[-1] == terms
    assert found.unpooled == pytest.approx(np.full(6, 30.0), rel=0.01)
    assert np.median(found.missed, axis=0) == pytest.approx(np.full(6, 30.0), rel=0.25)


def test_order_of_strata_and_effects_changes_nothing():
    """Strata in another order have the same draws, to the last digit, in that order."""
    counts, effects = world(np.random.default_rng(3), (9, 4, 2), 20)
    draws = np.stack([counts, counts + 1, counts])
    order = np.random.default_rng(4).permutation(len(counts))
    one = pooling.pool(draws, effects, 5)
    other = pooling.pool(draws[:, order], {name: effects[name][order] for name in reversed(effects)}, 5)
    assert (one.missed[:, order] == other.missed).all()
    assert (one.shrinkage[order] == other.shrinkage).all()
    assert (one.status[order] == other.status).all()


def test_same_seed_same_draws():
    """Draws follow from counts, effects and seed alone; cell 0 and the input are left alone."""
    counts, effects = world(np.random.default_rng(5), (8, 3, 2), 20)
    kept = counts.copy()
    one = pooling.pool(counts[None], effects, 1).missed
    assert (counts == kept).all()
    counts[:, 0] = 99
    assert (one == pooling.pool(counts[None], effects, 1).missed).all()
    assert (one != pooling.pool(counts[None], effects, 2).missed).any()


def test_draws_of_the_linkage_are_gone_through_in_turn():
    """Every draw of the linkage is used equally often, and its births follow its own counts."""
    counts, effects = world(np.random.default_rng(6), (10, 3, 2), 40)
    fewer_shared = counts.copy()
    moved = np.floor(counts[:, 7] / 3)
    fewer_shared[:, 7] -= moved
    fewer_shared[:, 6] += moved
    fewer_shared[:, 1] += moved
    missed = pooling.pool(np.stack([counts, fewer_shared, fewer_shared]), effects, 0).missed.sum(axis=1)
    assert len(missed) % 3 == 0
    assert len(missed) >= pooling.LEAST_DRAWS
    for place, table in enumerate((counts, fewer_shared)):
        alone = pooling.pool(table[None], effects, 0).missed.sum(axis=1)
        assert np.median(missed[place::3]) == pytest.approx(np.median(alone), rel=0.12)
    assert np.median(missed[1::3]) < 0.8 * np.median(missed[::3])


def test_draws_are_joint():
    """What strata share is drawn once: the total is far less certain than if strata were drawn one by one."""
    counts, effects = world(np.random.default_rng(7), (20, 6, 2), 10)
    missed = pooling.pool(counts[None], effects, 0).missed
    apart = np.sqrt(missed.var(axis=0).sum())
    assert missed.sum(axis=1).std() > 2 * apart


def test_terms_that_vary_less_are_shrunk_harder():
    """The standard deviations of the effects are found again, those of the dependence smaller than those of capture."""
    counts, effects = world(np.random.default_rng(8), (150, 4, 2), 60)
    found = pooling.pool(counts[None], effects, 0)
    assert found.converged
    assert found.deviations["area"][:3] == pytest.approx(np.full(3, 0.4), abs=0.12)
    assert found.deviations["area"][3:] == pytest.approx(np.full(3, 0.15), abs=0.08)
    assert found.deviations["stratum"][:3] == pytest.approx(np.full(3, 0.15), abs=0.08)


def test_nothing_to_estimate_from_is_refused():
    """No births at all, or none shared, in all strata together: no number, and the reason."""
    for counts, word in (
        (np.zeros((2, 3, 8)), "holds no birth"),
        (np.tile([0.0, 5, 6, 0], (2, 3, 1)), "share no birth"),
    ):
        found = pooling.pool(counts, {}, 0)
        assert np.isnan(found.missed).all()
        assert found.missed.shape == (pooling.LEAST_DRAWS, 3)
        assert all(status.startswith("refused") and word in status for status in found.status)


def test_sums_whose_limits_say_nothing_are_refused():
    """One birth on a history in all strata together sets no upper limit: no number, and the reason."""
    counts = np.array([[[0.0, 2, 1, 1, 250, 0, 200, 150], [0, 2, 0, 0, 250, 1, 200, 150]]])
    found = pooling.pool(counts, {"area": np.arange(2, dtype=np.int32)}, 0)
    assert np.isnan(found.missed).all()
    assert all("no upper limit" in status for status in found.status)


def test_an_area_without_births_has_no_number_and_disturbs_no_other():
    """Nothing tells how many births an area has that no list knows; an empty month of another area has a number."""
    counts, effects = world(np.random.default_rng(9), (8, 4, 2), 20)
    empty = effects["area"] == 3
    counts[empty] = 0
    counts[0] = 0
    found = pooling.pool(counts[None], effects, 0)
    assert np.isnan(found.missed).all(axis=0).tolist() == empty.tolist()
    assert all("no list holds a birth here" in status for status in found.status[empty])
    assert found.status[0] == "pooled"
    assert found.shrinkage[0] == 1
    assert found.missed[:, 0].max() > 0


def test_a_list_that_does_not_reach_some_areas():
    """A list absent from half of the areas makes their capture differ, not the sum of births explode."""
    counts, effects = world(np.random.default_rng(10), (20, 4, 2), 60)
    absent = effects["area"] < 10
    truth = counts[absent, 0] + counts[absent, 4]
    counts[np.ix_(absent, [1, 2, 3])] += counts[np.ix_(absent, [5, 6, 7])]
    counts[np.ix_(absent, [4, 5, 6, 7])] = 0
    found = pooling.pool(counts[None], effects, 0)
    missed = found.missed[:, absent].sum(axis=1)
    assert found.converged
    assert 0.5 * truth.sum() < np.median(missed) < 2 * truth.sum()


@settings(max_examples=40)
@given(
    arrays(np.int64, (2, 6, 8), elements=st.integers(0, 40)),
    arrays(np.int32, (2, 6), elements=st.integers(-1, 3)),
    st.integers(0, 3),
)
def test_any_counts_give_whole_numbers_or_a_reason(counts, codes, seed):
    """Draws are whole, finite and not negative, or the stratum is refused; shrinkage is a share."""
    found = pooling.pool(counts.astype(float), {"area": codes[0], "sex": codes[1]}, seed)
    refused = np.char.startswith(found.status.astype(str), "refused")
    given_numbers = found.missed[:, ~refused]
    assert np.isnan(found.missed[:, refused]).all()
    assert (np.floor(given_numbers) == given_numbers).all()
    assert (given_numbers >= 0).all()
    if found.deviations:
        assert ((found.shrinkage >= 0) & (found.shrinkage <= 1)).all()


def test_the_fit_is_the_dense_one():
    """Eliminating strata and areas gives the mode and the covariance of the whole system written out."""
    counts, effects = world(np.random.default_rng(11), (7, 3, 2), 25)
    layout = pooling_layout.lay_out(effects, counts[:, 1:])
    design = models.design(TERMS[3], 3)[1:, 1:]
    table = counts[layout.order, 1:]
    found = pooling_fit.fit(table, layout, design, np.ones(6, dtype=bool))
    n, p = layout.n_strata, 6
    wide = np.zeros((n, layout.n_blocks + layout.n_main + n))
    for row in range(n):
        wide[row, layout.others[row]] = 1
        wide[row, layout.n_blocks + layout.main[row]] = 1
        wide[row, layout.n_blocks + layout.n_main + row] = 1
    rows = [*(layout.block_of[1:] + 2), *([1] * layout.n_main), *([0] * n)]
    precision = np.vstack([np.zeros((1, p)), 1 / found.variances[rows]])
    padded = table + pooling_fit.ADDED * (table.sum(axis=1) / table.sum())[:, None]
    slope, curvature = pooling_fit.derivatives(padded, found.share, design)
    whole = np.einsum("sa,spq,sb->apbq", wide, curvature, wide).reshape(wide.shape[1] * p, -1)
    whole += np.diag(precision.ravel())
    inverse = np.linalg.inv(whole).reshape(wide.shape[1], p, wide.shape[1], p)
    spread = np.einsum("sa,apbq,sb->spq", wide, inverse, wide)
    assert found.spread == pytest.approx(spread, rel=1e-6, abs=1e-9)
    # At the mean an effect is the slope of what it bears on times its variance; the common parameters have slope 0.
    assert np.abs(slope.sum(axis=0)).max() < 0.02 * np.abs(slope).sum(axis=0).min()
    varying = wide[:, 1:] @ (wide[:, 1:].T @ slope / precision[1:])
    common = found.beta - varying
    assert common == pytest.approx(np.tile(common.mean(axis=0), (n, 1)), abs=0.02)


def test_slope_and_curvature_are_derivatives():
    """They are what small differences of the log-likelihood give."""
    rng = np.random.default_rng(12)
    design = models.design(TERMS[3], 3)[1:, 1:]
    table, beta, certain = rng.poisson(9.0, (1, 7)).astype(float), rng.normal(size=(1, 6)), np.zeros((1, 6, 6))

    def shares(at):
        return pooling_fit.expected_shares(at, certain, design)

    def log_likelihood(at):
        return float((table * np.log(shares(at))).sum())

    slope, curvature = pooling_fit.derivatives(table, shares(beta), design)

    for j, step in enumerate(1e-5 * np.eye(6)):
        assert slope[0, j] == pytest.approx(
            (log_likelihood(beta + step) - log_likelihood(beta - step)) / 2e-5, abs=1e-4
        )
        change = pooling_fit.derivatives(table, shares(beta + step), design)[0] - slope
        assert -curvature[0, j] == pytest.approx(change[0] / 1e-5, abs=1e-2)


def test_shares_are_averaged_over_the_parameters():
    """They are the mean of the shares of many draws of the parameters."""
    rng = np.random.default_rng(14)
    design, beta = models.design(TERMS[3], 3)[1:, 1:], rng.normal(size=(1, 6))
    root = 0.1 * rng.normal(size=(6, 6))
    found = pooling_fit.expected_shares(beta, (root @ root.T)[None], design)
    drawn = beta + rng.normal(size=(100_000, 6)) @ root.T
    mean = pooling_fit.expected_shares(drawn, np.zeros((len(drawn), 6, 6)), design).mean(axis=0)
    at_the_mean = pooling_fit.expected_shares(beta, np.zeros((1, 6, 6)), design)[0]
    assert np.abs(found[0] - mean).max() < 0.25 * np.abs(at_the_mean - mean).max()


def test_levels_scatter_as_they_were_made_to():
    """The product has the births of every area and period, and the scatter around it is found again."""
    rng = np.random.default_rng(13)
    area, period = (code.ravel() for code in np.meshgrid(np.arange(60), np.arange(12), indexing="ij"))
    mean = 20 * np.exp(0.5 * rng.standard_normal(60))[area] * np.exp(0.2 * rng.standard_normal(12))[period]
    effects = {"area": area.astype(np.int32), "period": period.astype(np.int32)}
    births = rng.poisson(mean * rng.gamma(10.0, 0.1, len(mean))).astype(float)
    layout = pooling_layout.lay_out(effects, births[:, None])
    found = pooling_level.level(births[layout.order], layout)
    for code in found.codes.T:
        assert np.bincount(code, found.product) == pytest.approx(np.bincount(code, births[layout.order]))
    assert found.scatter == pytest.approx(0.1, rel=0.3)
    even = pooling_level.level(rng.poisson(mean).astype(float)[layout.order], layout)
    assert even.scatter < 0.02


def test_wrong_input_is_refused():
    """Counts of the wrong shape or sign, and effects of another length, with the place named."""
    with pytest.raises(EstimateError, match="draws of the linkage x strata"):
        pooling.pool(np.zeros((3, 8)), {}, 0)
    with pytest.raises(EstimateError, match="table 2, history 011"):
        pooling.pool(np.array([[[0.0, 1, 1, 1, 1, 1, 1, 1], [0, 1, 1, -1, 1, 1, 1, 1]]]), {}, 0)
    with pytest.raises(EstimateError, match="sex: \\(3,\\) codes for 2 strata"):
        pooling.pool(np.ones((1, 2, 8)), {"sex": np.zeros(3, dtype=np.int32)}, 0)


def test_a_stray_birth_does_not_rule_the_others():
    """One birth with a date of another year, in a stratum where next to none is expected, hardly moves the total.

    Its squared residual over what is expected is huge. When that ruled how far levels scatter, the births missed in all
    strata fell to nearly none.
    """
    rng = np.random.default_rng(4)
    area, rare = (code.ravel() for code in np.meshgrid(np.arange(13), np.arange(2), indexing="ij"))
    births = rng.poisson(np.where(rare == 1, 8, 350) * rng.lognormal(0.0, 0.7, 13)[area])
    cells = np.array([rng.multinomial(n, [0.07, 0.15, 0.25, 0.53]) for n in births], dtype=float)
    stray = np.vstack([cells, [[0, 0, 1, 0]], [[0, 0, 0, 1]]])
    codes = {
        "area": np.append(area, [9, 4]).astype(np.int32),
        "site": np.append(rare, [1, 0]).astype(np.int32),
        "period": np.append(np.ones(26), [0, 2]).astype(np.int32),
    }
    plain = pooling.pool(cells[None], {name: codes[name][:26] for name in ("area", "site")}, seed=1)
    found = pooling.pool(stray[None], codes, seed=1)
    assert np.median(found.missed.sum(axis=1)) == pytest.approx(np.median(plain.missed.sum(axis=1)), rel=0.1)


@pytest.mark.parametrize("bad", [[0, 300, 400, 0, 500, 0, 0, 0], [0, 300, 400, 1, 500, 1, 1, 4]])
def test_a_stratum_that_contradicts_the_others_is_refused_and_spoils_none(bad):
    """Lists that share next to nothing, where those of nine like areas share half: no figure there, theirs as without
    it. A stratum of three births that shares none borrows as ever.
    """
    rng = np.random.default_rng(6)
    good = rng.multinomial(600, [0.1, 0.12, 0.12, 0.12, 0.14, 0.12, 0.13, 0.15], 9).astype(float)
    small = np.array([[0, 1, 1, 0, 1, 0, 0, 0]], dtype=float)
    counts = np.vstack([good, small, [bad]])
    codes = np.arange(len(counts), dtype=np.int32)
    found = pooling.pool(counts[None], {"area": codes}, seed=1)
    assert found.status[-1] == pooling.CONTRARY
    assert np.isnan(found.missed[:, -1]).all()
    assert found.status[-2] == pooling.POOLED
    alone = pooling.pool(counts[None, :-1], {"area": codes[:-1]}, seed=1)
    np.testing.assert_array_equal(found.missed[:, :-1], alone.missed)


def test_ordinary_strata_contradict_none():
    """Of 2,000 strata with 1 to 500 births whose lists differ as lists do, none is taken for a contradiction."""
    rng = np.random.default_rng(8)
    births, _ = world(rng, (200, 10, 1), 60)
    births[:, 0] = 0.0
    assert not pooling._contrary(births, pooling._unpooled(births, pooling._model(3))).any()


def test_five_lists_of_small_strata_have_no_figures_of_their_own():
    """Where no stratum alone shares enough, all borrow; nothing is fitted to no tables."""
    counts = np.random.default_rng(2).multinomial(12, np.append(0.0, np.full(31, 1 / 31)), 30).astype(float)
    counts[:, [3, 5, 6, 9, 10, 12, 17, 18, 20, 24]] = 0.0
    counts[:, [7, 11, 13, 14, 19, 21, 22, 25, 26, 28, 15, 23, 27, 29, 30, 31]] = np.eye(30, 16)
    assert np.isnan(pooling._unpooled(counts, pooling._model(5))).all()
