"""Lags, leads, controls and the reverse direction."""

import numpy as np
import pytest

from analysis.modelling.dynamics import LAGS, LEADS, fit_guard_dynamics


def test_every_lag_has_its_row_in_every_variant(fitted):
    rows = fitted("guard-dynamics").tidy().dropna(subset=["lag"])
    by_variant = rows.groupby("variant")["lag"].apply(sorted).to_dict()
    both = [*LEADS, *LAGS]
    assert by_variant == dict.fromkeys(["main", "control", "trend"], both) | {
        "reverse": [*LAGS][1:]
    }
    assert rows["conf_low"].lt(rows["estimate"]).all()


@pytest.mark.parametrize(
    ("term", "variant", "asked"),
    [
        ("lag 0", "main", {}),
        ("lag 7", "main", {"lag": 7}),
        ("lead 3", "main", {"lag": -3}),
        ("lag 3", "control", {"lag": 3, "outcome": "negligent"}),
        ("lag 0", "trend", {"effects": "state+month+trend"}),
    ],
)
def test_a_row_is_the_elasticity_at_that_lag(fitted, term, variant, asked):
    row = fitted("guard-dynamics").row(term, variant=variant)
    alone = fitted("guard-elasticity", **asked)
    crv1 = alone.row("log_guards_per_100k", inference="crv1")
    assert row["estimate"] == pytest.approx(crv1["estimate"], rel=1e-12)
    assert row["p_value"] == pytest.approx(crv1["p_value"], rel=1e-10)
    swapped = alone.row("log_guards_per_100k", inference="permutation")
    assert row["p_permutation"] == swapped["p_value"]


def test_guards_that_follow_homicides_show_in_the_reverse_direction_only_there(panel):
    """Guards made from the homicides of four months before."""
    rate = (panel["homicides_sesnsp"].astype("float64") + 0.5) / panel["person_years"]
    followed = np.exp(0.5 * np.log(rate.groupby(panel["cve_ent"]).shift(4)))
    guards = (followed * 1e4).where(panel["guards"].notna())
    made = panel.assign(guards_per_100k=guards).drop(columns="guards")
    result = fit_guard_dynamics(made)
    rows = result.tidy().query("variant == 'reverse'").set_index("lag")
    assert rows.loc[4, "estimate"] == pytest.approx(0.5, abs=1e-9)
    assert rows["estimate"].idxmax() == 4
    # Homicides four months before those guards: the placebo lead that must warn.
    leads = result.tidy().query("variant == 'main' and lag < 0").set_index("lag")
    assert leads["estimate"].idxmax() == -4
    assert leads.loc[-4, "q_value"] < 0.01


def test_q_values_are_over_lags_and_leads_apart(fitted):
    rows = fitted("guard-dynamics").tidy().query("variant == 'main'")
    for some in (rows[rows["lag"] < 0], rows[rows["lag"] >= 0]):
        assert some["q_value"].max() == pytest.approx(some["p_value"].max())
        assert some["q_value"].ge(some["p_value"]).all()


def test_the_largest_of_many_is_less_surprising_than_it_looks_alone(fitted):
    rows = fitted("guard-dynamics").tidy()
    for variant, some in rows[rows["variant"] != "reverse"].groupby("variant"):
        for term, chosen in (("any lag", some["lag"] >= 0), ("any lead", some["lag"] < 0)):
            single = some.loc[chosen.fillna(False), "p_permutation"]
            joint = some.set_index("term").loc[term, "p_permutation"]
            assert single.min() <= joint <= min(1, single.min() * len(single)), variant


def test_with_one_missing_cell_states_swap_in_the_other_months_and_a_note_says_so(panel):
    month = panel["month"].eq("2022-12")
    gap = panel["cve_ent"].eq("06") & month
    count = panel["homicides_sesnsp"]
    lacking = fit_guard_dynamics(panel.assign(homicides_sesnsp=count.mask(gap)))
    without = fit_guard_dynamics(panel.assign(homicides_sesnsp=count.mask(month)))
    for term in ("lag 17", "lag 3", "any lag"):
        p_value = without.row(term, variant="main")["p_permutation"]
        assert lacking.row(term, variant="main")["p_permutation"] == p_value
    observed = lacking.row("lag 17", variant="main")["observations"]
    assert observed == without.row("lag 17", variant="main")["observations"] + 31
    assert any("rows lack a figure" in note for note in lacking.notes)
    assert not any("lack a figure" in note for note in without.notes)
