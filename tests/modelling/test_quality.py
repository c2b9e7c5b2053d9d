"""Rules that find faults: the known ones, planted ones, and none where there are none."""

import numpy as np
import pandas as pd
import pytest

from analysis.cleaning.build import load_table
from analysis.modelling.quality import fit_quality

OTHERS = ("national_year", "inegi_homicides_state_year", "inegi_homicides_state_press")


def search(as_found, panel, source):
    """Give the findings in a panel, as tidy rows."""
    others = [load_table(name) for name in OTHERS]
    return fit_quality(as_found, panel, *others, source=source).tidy()


def cells(findings, term):
    found = findings[findings["term"] == term]
    return set(zip(found["cve_ent"], found["month"], strict=True))


def plant(panel, values):
    """Put other figures into cells: column, code and month to figure."""
    out = panel.copy()
    for (column, code, month), value in values.items():
        out.loc[out["cve_ent"].eq(code) & out["month"].eq(pd.Timestamp(month)), column] = value
    return out


def figure(panel, column, code, month):
    return panel.set_index(["cve_ent", "month"]).loc[(code, pd.Timestamp(month)), column]


@pytest.fixture(scope="module")
def clean(panel):
    """A panel without faults: counts that vary by chance alone, guards that grow everywhere."""
    draw = np.random.default_rng(11)
    usual = panel.groupby("cve_ent")["homicides_inegi"].transform("mean").astype("float64")
    months = panel.groupby("cve_ent").cumcount()
    columns = {
        "homicides_sesnsp": draw.poisson(usual),
        "homicides_inegi": draw.poisson(usual),
        "guards": (usual * 100 * 1.01 ** (months / 12)).round() + months,
    }
    known = {c: pd.Series(v, panel.index).where(panel[c].notna()) for c, v in columns.items()}
    return panel.assign(**known, flags="").astype(dict.fromkeys(columns, "Int64"))


class TestKnownFaults:
    def test_the_three_exchanged_cells_of_the_guard_are_found_with_their_right_figures(
        self, fitted
    ):
        found = fitted("quality").tidy()
        march = {(code, "2021-03") for code in ("05", "06", "09")}
        assert cells(found, "permuted") == march
        exchanged = found[found["term"] == "permuted"].set_index("cve_ent")
        right = {"05": 2_173, "06": 979, "09": 12_224}
        assert exchanged["found"].to_dict() == {"05": 12_224, "06": 2_173, "09": 979}
        assert exchanged["partner"].to_dict() == {"05": "06", "06": "09", "09": "05"}
        assert exchanged["expected"].to_dict() == exchanged["corrected"].to_dict() == right
        assert exchanged["recorded"].all()
        assert cells(found, "outlier") == set()

    def test_corrected_they_are_found_no_more(self, panel):
        found = search(panel, panel, "guard")
        assert cells(found, "permuted") == cells(found, "outlier") == set()

    def test_the_months_of_the_guard_that_repeat_others_in_most_states_are_found(self, fitted):
        block = fitted("quality").tidy().query("term == 'block'")
        assert block[["month", "partner", "units", "recorded"]].to_numpy().tolist() == [
            ["2021-03", "2021-01", 28, False]
        ]

    def test_the_step_of_the_capital_is_found_and_recorded(self, fitted):
        steps = fitted("quality").tidy().query("term == 'step'")
        step = steps.set_index(["cve_ent", "month"]).loc[("09", "2020-07")]
        assert step[["found", "expected", "recorded"]].tolist() == [11_295, 4_902, True]
        assert steps["recorded"].sum() == 1
        assert steps["sure"].eq("possible").all()

    def test_a_finding_says_how_far_off_it_is(self, fitted):
        found = fitted("quality").tidy().query("term == 'permuted'")
        assert found["estimate"].tolist() == pytest.approx(
            np.log(found["found"] / found["expected"]).tolist()
        )
        assert found["estimate"].abs().gt(np.log(1.5)).all()

    def test_repeated_months_of_the_guard_are_certain_and_recorded(self, fitted):
        found = fitted("quality").tidy().query("term == 'repeat'")
        assert "repeats 2020-11" in found.set_index("month").loc["2021-02", "note"]
        assert found["sure"].eq("certain").all()
        assert found["recorded"].all()

    @pytest.mark.parametrize("source", ["sesnsp", "negligent"])
    def test_the_zeros_of_sesnsp_are_the_nine_of_oaxaca(self, fitted, panel, source):
        found = fitted("quality", source=source).tidy()
        missing = panel[panel["flags"].str.contains("sesnsp_missing")]
        assert cells(found, "zero") == {("20", f"{month:%Y-%m}") for month in missing["month"]}
        zeros = found[found["term"] == "zero"]
        assert zeros["recorded"].all()
        assert zeros["corrected"].isna().all()

    def test_zeros_of_femicides_prove_nothing_for_they_are_common(self, fitted):
        assert fitted("quality", source="femicides").rows.empty

    def test_what_stands_out_without_a_record_is_little_and_only_possible(self, fitted):
        places = {
            "inegi": {("outlier", "13", "2022-01"), ("population", "02", "2018")},
            "negligent": {("outlier", "15", "2016-07"), ("outlier", "26", "2015-06")},
        }
        for source, known in places.items():
            rows = fitted("quality", source=source).rows.query("not recorded")
            assert set(rows[["term", "cve_ent", "month"]].itertuples(index=False)) == known
            assert rows["sure"].eq("possible").all()

    def test_incomplete_years_of_inegi_are_found(self, fitted):
        found = fitted("quality", source="inegi").tidy().query("term == 'incomplete'")
        assert found["month"].tolist() == ["2018", "2019", "2020", "2021", "2022"]
        assert np.exp(found["estimate"]).round(3).tolist() == [0.938, 0.962, 0.973, 0.962, 0.933]

    def test_the_states_of_inegi_add_to_the_published_totals(self, fitted):
        assert "total" not in set(fitted("quality", source="inegi").rows["term"])


class TestPlantedFaults:
    def test_a_clean_table_of_the_guard_stays_quiet(self, clean):
        assert search(clean, clean, "guard").empty

    @pytest.mark.parametrize("source", ["sesnsp", "inegi"])
    def test_chance_alone_raises_no_doubts(self, clean, source):
        found = search(clean, clean, source)
        assert set(found["term"]) <= {"incomplete", "population"}

    @pytest.mark.parametrize(
        ("source", "column"), [("sesnsp", "homicides_sesnsp"), ("inegi", "homicides_inegi")]
    )
    def test_a_zero_in_a_big_state_is_found(self, clean, source, column):
        damaged = plant(clean, {(column, "15", "2018-05"): 0})
        found = search(damaged, damaged, source)
        assert cells(found, "zero") == {("15", "2018-05")}
        row = found[found["term"] == "zero"].iloc[0]
        assert (row["found"], row["sure"], row["recorded"]) == (0, "likely", False)
        assert row["expected"] > 100

    def test_a_zero_in_a_small_state_may_be_true(self, clean):
        damaged = plant(clean, {("homicides_sesnsp", "31", "2018-05"): 0})
        assert cells(search(damaged, damaged, "sesnsp"), "zero") == set()

    def test_exchanged_cells_are_found(self, clean):
        big, small = (figure(clean, "guards", code, "2020-05") for code in ("15", "06"))
        exchanged = {("guards", "15", "2020-05"): small, ("guards", "06", "2020-05"): big}
        found = search(plant(clean, exchanged), clean, "guard")
        assert cells(found, "permuted") == {("15", "2020-05"), ("06", "2020-05")}
        assert found["expected"].tolist() == [small, big]
        assert set(found["term"]) == {"permuted"}

    def test_a_figure_with_a_digit_too_many_is_found(self, clean):
        figures = {("homicides_sesnsp", "11", "2020-05"): 10 * 250}
        found = cells(search(plant(clean, figures), clean, "sesnsp"), "outlier")
        assert found - cells(search(clean, clean, "sesnsp"), "outlier") == {("11", "2020-05")}

    @pytest.mark.parametrize("source", ["guard", "sesnsp"])
    def test_a_copied_month_is_found(self, clean, source):
        column = {"guard": "guards", "sesnsp": "homicides_sesnsp"}[source]
        codes = clean["cve_ent"].unique()
        copied = {(column, c, "2020-09"): figure(clean, column, c, "2020-06") for c in codes}
        found = search(plant(clean, copied), clean, source)
        repeats = found[found["term"] == "repeat"]
        assert repeats[["month", "note"]].to_numpy().tolist() == [["2020-09", "repeats 2020-06"]]
        assert not repeats["recorded"].any()

    def test_one_state_that_moved_is_enough_for_no_copy(self, clean):
        codes = clean["cve_ent"].unique()[1:]
        copied = {("guards", c, "2020-09"): figure(clean, "guards", c, "2020-06") for c in codes}
        found = search(plant(clean, copied), clean, "guard")
        assert "repeat" not in set(found["term"])

    def test_the_mark_of_one_source_does_not_excuse_another(self, clean):
        damaged = plant(clean, {("homicides_sesnsp", "09", "2021-03"): 0})
        damaged = plant(damaged, {("flags", "09", "2021-03"): "guards_corrected"})
        zero = search(damaged, damaged, "sesnsp").query("term == 'zero'")
        assert zero["recorded"].tolist() == [False]
