"""Sample coverage."""

import numpy as np
import pytest
from tests.estimate import naive, published

from everybirth.errors import EstimateError
from everybirth.estimate import coverage
from everybirth.estimate.cells import checked
from everybirth.estimate.summary import Status


@pytest.mark.parametrize("name", ["hav", "congenital5"])
def test_published_figures(name):
    """Overlap, coverage, and the three estimates that follow."""
    held = published.expected(name, "sample coverage")
    found = coverage.coverage(published.counts(name))
    figures = (found.overlap, found.independent, found.high, found.low)
    assert [x[0] for x in figures] == pytest.approx([held[key] for key in ("D", "Indep", "HSC", "LSC")], abs=1e-3)
    assert found.coverage[0] == pytest.approx(held["Chat"], abs=1e-3)


def test_which_estimate_is_shown():
    """Below 55 % coverage the low-coverage estimate, above it the other."""
    both = [coverage.sample_coverage(published.counts(name)) for name in ("hav", "congenital5")]
    assert [one.model[0] for one in both] == ["low coverage", "high coverage"]
    assert [one.births[0] for one in both] == pytest.approx([507.772, 659.452], abs=1e-3)


def test_independent_lists_are_recovered():
    """Of 60 worlds of independent lists, nearly all have the truth in their interval."""
    rng = np.random.default_rng(1)
    counts = checked([naive.world(rng, 800, [0.2, 0.5, -0.1]) for _ in range(60)])
    found = coverage.sample_coverage(counts)
    assert np.mean((found.low <= 800) & (found.high >= 800)) > 0.88


def test_nothing_shared_is_refused():
    """A coverage of zero gives no number and no warning."""
    found = coverage.sample_coverage(checked([0, 9, 9, 0, 9, 0, 0, 0]))
    assert found.status[0] == Status.NO_OVERLAP
    assert np.isnan([found.births[0], found.se[0], found.high[0]]).all()


def test_two_lists_are_refused():
    """With two lists it would be Lincoln-Petersen."""
    with pytest.raises(EstimateError, match="three lists"):
        coverage.coverage(checked([0, 5, 5, 9]))
