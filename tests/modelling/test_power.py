"""What could have been seen."""

import numpy as np
import pytest
from scipy import stats

from analysis.errors import RequestError
from analysis.modelling.clusters import infer_crv1, infer_crv3
from analysis.modelling.effects import estimate_effects
from analysis.modelling.power import _linear_crv3, estimate_power, fit_power
from tests.modelling.panels import ARGUMENTS, simulate


def regress(**options):
    return estimate_effects(simulate(**options), exposure="persons", **ARGUMENTS)


def test_the_smallest_detectable_is_that_of_the_formula(fitted):
    power = fitted("power")
    elasticity = fitted("guard-elasticity")
    for name in ("crv1", "crv3"):
        inferred = elasticity.row("log_guards_per_100k", inference=name)
        reach = stats.t(31).ppf(0.975) + stats.t(31).ppf(0.8)
        assert power.row(name)["estimate"] == pytest.approx(reach * inferred["std_error"])


def test_the_linear_jackknife_is_near_the_refitted_one():
    for seed in range(5):
        fit = regress(seed=seed, units=20)
        refitted = infer_crv3(fit).iloc[0]["std_error"]
        assert _linear_crv3(fit) == pytest.approx(refitted, rel=0.05)


def test_the_formula_and_the_placebo_panels_agree_where_both_are_right():
    """Many alike units without dependence: what the formula says is what is found."""
    frame = simulate(units=60, times=12, effect=0)
    frame["dose"] -= frame["clinic"] / 60
    fit = estimate_effects(frame, exposure="persons", **ARGUMENTS)
    rows, placebos = estimate_power(fit, draws=199)
    assert rows["simulated"].to_numpy() == pytest.approx(rows["estimate"].to_numpy(), rel=0.25)
    assert rows["size"].between(0.02, 0.1).all()
    assert rows["size_low"].lt(rows["size"]).all() and rows["size_high"].gt(rows["size"]).all()
    assert len(placebos) == 199
    assert placebos["estimate"].mean() == pytest.approx(0, abs=3 * placebos["estimate"].std() / 14)
    assert placebos["crv1"].to_numpy().min() > 0


def test_a_panel_s_own_figures_are_one_of_the_placebos_when_nothing_is_swapped():
    fit = regress(units=4)
    __, placebos = estimate_power(fit, draws=24)
    assert len(placebos) == 24
    own = infer_crv1(fit).iloc[0]
    assert placebos["estimate"].iloc[0] == pytest.approx(own["estimate"], rel=1e-9)
    assert placebos["crv1"].iloc[0] == pytest.approx(own["std_error"], rel=1e-9)


def test_too_few_draws_are_refused(panel):
    with pytest.raises(RequestError, match="at least 19"):
        fit_power(panel, draws=18)


def test_the_seed_decides(panel):
    once, again, other = (
        fit_power(panel, draws=19, seed=seed).fitted["estimate"].to_numpy() for seed in (3, 3, 4)
    )
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
