"""Figures, words and tables of how firm the elasticity is."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.modelling.multiverse import CHOICES, list_specifications
from analysis.modelling.result import ModelResult


@pytest.fixture(scope="module")
def panel():
    return an.load_panel()


@pytest.fixture(scope="module")
def elasticity(panel):
    return an.fit_guard_elasticity(panel)


@pytest.fixture(scope="module")
def dynamics(panel):
    return an.fit_guard_dynamics(panel)


@pytest.fixture(scope="module")
def power(panel):
    return an.fit_power(panel, draws=49)


@pytest.fixture(scope="module")
def multiverse():
    """A made-up curve with the shape of the real one, which takes half a minute."""
    draw = np.random.default_rng(1)
    order = ["outcome", "coding", "lag", "effects", "sample", "estimator"]
    rows = pd.DataFrame(list_specifications(), columns=order)[CHOICES]
    rows["term"] = rows.astype("str").agg("/".join, axis=1)
    rows["estimate"] = rows["effects"].map({"month": 0.6}).fillna(-0.1) + draw.normal(0, 0.05, 1080)
    rows = rows.assign(
        conf_low=rows["estimate"] - 0.1, conf_high=rows["estimate"] + 0.1, significant=False
    )
    summary = pd.DataFrame(
        {
            "term": ["median", "share significant", "median within states"],
            "estimate": [-0.06, 0.1, -0.1],
            "p_value": [0.7, 0.08, 0.12],
            "null_low": [-0.1, 0, -0.1],
            "null_high": [0.1, 0.15, 0.1],
            "share_negative": [0.6, 0.6, 0.9],
        }
    )
    rank = np.arange(1, 361)
    envelope = pd.DataFrame({"rank": rank, "envelope_low": rank - 400.0, "envelope_high": rank})
    return ModelResult(
        model="multiverse",
        formula="",
        parameters={"draws": 999},
        sources=("guard_deployment_state_month",),
        period=("2019-07", "2021-07"),
        observations=800,
        states=32,
        inference="",
        unit="elasticity",
        rows=pd.concat([summary, rows], ignore_index=True),
        fitted=pd.concat(
            envelope.assign(effects=name) for name in ("state+month", "state+month+trend", "month")
        ),
    )


def pairs(line):
    """Give the ends of intervals drawn as one path."""
    x, y = (np.asarray(values, dtype="float64").reshape(-1, 3) for values in line.get_data())
    assert np.isnan(y[:, 2]).all()
    return x[:, 0], y[:, :2]


def test_every_inference_has_its_bar(elasticity):
    rows = elasticity.tidy()
    ax = an.plot_inferences(rows)
    ends = [bar.get_segments()[0][:, 0] for bar in ax.collections]
    assert np.allclose(ends, rows[["conf_low", "conf_high"]])
    assert [tick.get_text() for tick in ax.get_yticklabels()][-1] == "range without one state"


def test_lags_and_leads_are_drawn_with_their_intervals(dynamics):
    rows = an.select_dynamics(dynamics, "control")
    assert set(rows["variant"]) == {"main", "control"}
    ax = an.plot_dynamics(rows, beside="control")
    main = rows[rows["variant"] == "main"].sort_values("lag")
    x, ends = pairs(ax.lines[0])
    assert np.allclose(x, main["lag"].astype("float64"), atol=0.2)
    assert np.allclose(ends, main[["conf_low", "conf_high"]])
    assert np.allclose(ax.lines[1].get_ydata(), main["estimate"])
    assert np.allclose(pairs(ax.lines[2])[1][:, 0], rows.query("variant == 'control'")["conf_low"])


def test_power_rises_from_the_size_of_the_test(power):
    curve = an.select_power_curve(power)
    for line, name in zip(an.plot_power(curve).lines[:2], ("crv1", "crv3"), strict=True):
        assert np.allclose(line.get_ydata(), 100 * curve[name])
        assert curve[name].iloc[0] == pytest.approx(power.row(name)["size"])
        assert curve[name].iloc[-1] == 1
    seen = power.row("crv1")["simulated"]
    near = curve.loc[(curve["elasticity"] - seen).abs().idxmin(), "crv1"]
    assert near == pytest.approx(0.8, abs=0.05)


def test_the_curve_has_a_block_a_set_of_effects_and_every_interval(multiverse):
    curve = an.select_curve(multiverse)
    ax = an.plot_curve(curve)
    blocks = [line for line in ax.lines if len(line.get_xdata()) == 360]
    assert [len(line.get_ydata()) for line in blocks] == [360, 360, 360]
    for line, effects in zip(blocks, ("state+month", "state+month+trend", "month"), strict=True):
        some = curve[curve["effects"] == effects]
        assert np.allclose(line.get_ydata(), some["estimate"])
        bars = next(bar for bar in ax.lines if bar.get_color() == line.get_color())
        assert np.allclose(pairs(bars)[1], some[["conf_low", "conf_high"]])
    assert len(ax.collections) == 3


def test_every_choice_has_a_name_and_its_median(multiverse):
    choices = an.select_choices(multiverse)
    ax = an.plot_choices(choices)
    assert np.allclose(ax.lines[0].get_xdata(), choices["median"])
    assert len(ax.get_yticklabels()) == len(choices) == 20


class TestWords:
    def test_no_inference_is_clear(self, elasticity):
        caption = an.caption_inferences(elasticity)
        assert caption.title == "No inference can tell the elasticity of −0.05 from zero"
        assert "lowest without Guanajuato, highest without Ciudad de México" in caption.notes[1]

    def test_some_are_clear_when_their_interval_says_so(self, elasticity):
        rows = elasticity.rows.copy()
        rows.loc[rows["inference"] == "crv1", "conf_high"] = -0.01
        moved = dataclasses.replace(elasticity, rows=rows)
        title = an.caption_inferences(moved).title
        assert title == "1 of 4 inferences can tell the elasticity of −0.05 from zero"

    def test_lags_are_counted_with_their_controls(self, dynamics):
        rows = dynamics.tidy()
        main = rows.query("variant == 'main' and p_value < 0.05 and lag >= 0")
        caption = an.caption_dynamics(dynamics, "control")
        joint = dynamics.row("any lag", variant="main")["p_permutation"]
        assert caption.title.startswith(f"Largest of 19 lags: p {joint:.3f}")
        assert f"{len(main)} of 19 lags and 0 of 12 leads" in caption.notes[1]
        assert f"p {joint:.3f}" in an.point_dynamics(dynamics).text

    def test_what_state_trends_take_away_is_said_only_then(self, dynamics):
        unsure = "not yet an effect"
        assert unsure in an.point_dynamics(dynamics).text
        rows = dynamics.rows.copy()
        rows.loc[rows["term"] == "any lag", "p_permutation"] = 0.4
        assert unsure not in an.point_dynamics(dataclasses.replace(dynamics, rows=rows)).text

    def test_the_curve_says_what_chance_gives(self, multiverse):
        caption = an.caption_curve(multiverse)
        assert "median elasticity is −0.06" in caption.title
        assert "chance alone gives −0.10 to 0.10" in caption.title
        most = an.caption_choices(an.select_choices(multiverse)).title
        assert "month effects: between states" in most


def test_the_table_of_inferences_writes_what_there_is(elasticity):
    table = an.table_inferences(elasticity.tidy())
    assert [row[0] for row in table.body][:2] == ["clustered by state", "jackknife by state"]
    assert table.body[2][-1] == "99,999"
    assert table.body[4][4] == "–"


def test_the_table_of_lags_has_every_third_month_and_four_variants(dynamics):
    table = an.table_dynamics(dynamics.tidy())
    assert [row[0] for row in table.body] == [
        *("−12", "−9", "−6", "−3", "0", "3", "6", "9", "12", "15", "18")
    ]
    assert {len(row) for row in table.body} == {5}
    assert table.body[0][4] == "–"
    row = dynamics.row("lag 18", variant="control")
    assert table.body[-1][2].startswith(f"{row['estimate']:.2f} [")
