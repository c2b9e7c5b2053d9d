"""How the two sources compare: shares of complete counts."""

import pytest


def kind(fitted, name):
    rows = fitted("measurement").rows
    return rows[rows["kind"] == name].set_index("term")


def test_a_ratio_is_its_two_counts(fitted):
    rows = fitted("measurement").rows
    ratio = rows["numerator"] / rows["denominator"]
    assert rows["estimate"].tolist() == pytest.approx(ratio.tolist(), rel=1e-12)


def test_sesnsp_counts_fewer_than_inegi_and_fewer_still_before_2018(fitted):
    share = kind(fitted, "sources by year")["estimate"]
    assert share["2015":"2017"].between(0.88, 0.93).all()
    assert share["2018":].between(0.89, 1.0).all()


def test_every_state_is_compared_over_the_months_that_both_sources_cover(fitted, panel):
    states = kind(fitted, "sources by state")
    assert len(states) == 32
    assert (states["cve_ent"] == states.index).all()
    both = panel.dropna(subset=["homicides_sesnsp", "homicides_inegi"])
    both = both[both["month"].between("2018-01", "2021-12")]
    assert states["numerator"].sum() == both["homicides_sesnsp"].sum()
    assert fitted("measurement").observations == len(both)


def test_final_totals_are_revised_by_up_to_four_percent(fitted):
    assert kind(fitted, "revision")["estimate"].sub(1).round(3).between(0.002, 0.038).all()


def test_complete_counts_have_no_interval(fitted):
    tidy = fitted("measurement").tidy()
    assert tidy[["std_error", "p_value", "conf_low", "conf_high"]].isna().all(axis=None)
