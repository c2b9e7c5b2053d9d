"""What figures draw is what their frames hold: the artists' numbers, not pixels."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import analysis as an
from analysis.reporting.style import LIGHT


@pytest.fixture(scope="module")
def panel():
    return an.load_panel()


@pytest.fixture(scope="module")
def trends(panel):
    return an.fit_state_trend(panel).tidy()


def offsets(collection):
    return np.asarray(collection.get_offsets(), dtype="float64")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_rates_draw_every_month_once_and_the_twelve_month_line(panel):
    months = an.select_twelve_months(an.select_state(panel, "Colima"))
    ax = an.plot_rates(months)
    drawn = np.concatenate([offsets(dots)[:, 1] for dots in ax.collections])
    known = pd.concat([months["rate_sesnsp"], months["rate_inegi"]]).dropna()
    assert np.allclose(np.sort(drawn), np.sort(known))
    lines = {line.get_label(): line.get_ydata() for line in ax.lines}
    assert np.allclose(
        lines["SESNSP victims, twelve months"], months["year_rate_sesnsp"], equal_nan=True
    )
    assert {" INEGI deaths", " SESNSP victims", "Calderón"} <= {*texts(ax)}


def test_flagged_months_are_hollow(panel):
    months = an.select_twelve_months(an.select_state(panel, "Colima"))
    ax = an.plot_rates(months)
    hollow = [dots for dots in ax.collections if dots.get_facecolor().size == 0]
    flags = months["flags"]
    expected = [
        (flags.str.contains("sesnsp_preliminary") & months["rate_sesnsp"].notna()).sum(),
        (flags.str.contains("inegi_incomplete") & months["rate_inegi"].notna()).sum(),
    ]
    assert [len(offsets(dots)) for dots in hollow] == expected == [6, 60]


def test_a_trend_is_coloured_by_evidence_and_not_by_its_sign(trends):
    rows = trends.assign(direction="unclear")
    ax = an.plot_trend_map(rows)
    edges = {to_hex(patch.get_edgecolor()) for patch in ax.patches}
    assert edges == {LIGHT["unclear"]}
    assert len(ax.patches) == 32


def test_the_map_writes_each_states_percent(trends):
    row = trends.set_index("cve_ent").loc["10"]
    written = texts(an.plot_trend_map(trends))
    assert "DGO" in written
    assert f"▼ −{abs(row['estimate']):.0f}%" in written


def test_trends_draw_every_interval_and_the_pooled_one(trends):
    ax = an.plot_trends(trends, highlight="GTO")
    states = trends[trends["term"] != "pooled"].sort_values("estimate")
    segments = np.asarray(ax.collections[0].get_segments())
    assert np.allclose(segments[:, 0, 0], states["conf_low"])
    assert np.allclose(segments[:, 1, 0], states["conf_high"])
    labels = {label.get_text(): label.get_fontweight() for label in ax.texts}
    assert labels["Guanajuato"] == "bold" and labels["Sonora"] == "normal"
    assert "pooled (grey: prediction interval)" in labels


def test_the_trend_line_lies_inside_its_band(panel):
    line = an.select_trend_line(an.fit_state_trend(panel), "Guanajuato")
    assert (line["conf_low"] < line["fitted"]).all() and (line["fitted"] < line["conf_high"]).all()
    ax = an.plot_trend_line(line)
    assert np.allclose(offsets(ax.collections[0])[:, 1], line["observed"])


def test_administrations_leave_ratios_out():
    rates = an.select_administrations(an.load_table("national_month"))
    ax = an.plot_administrations(rates)
    dots = [x for line in ax.lines for x in line.get_xdata() if line.get_marker() in ("o", "s")]
    assert sorted(dots) == sorted(rates.loc[~rates["term"].str.contains("/"), "estimate"])


def test_rates_that_hold_flagged_months_are_hollow_and_their_ratios_marked():
    rates = an.select_administrations(an.load_table("national_month"))
    ax, flagged = an.plot_administrations(rates), rates[rates["flags"].ne("")]
    lines = [line for line in ax.lines if line.get_markerfacecolor() == LIGHT["paper"]]
    hollow = [x for line in lines for x in line.get_xdata()]
    terms = flagged[~flagged["term"].str.contains("/")]
    assert sorted(hollow) == sorted(terms["estimate"]) and len(hollow) == 4
    row = next(row for row in an.table_administrations(rates).body if "against" in row[0])
    assert row[0] == "López Obrador against Peña Nieto" and row[1] == "SESNSP victims"
    # The months of Peña Nieto hold two that are filled, those of López Obrador none.
    assert row[5].endswith("× +") and not row[4].endswith("+")


def test_elasticities_show_what_could_not_be_detected(panel):
    rows = an.select_specifications(panel, an.load_panel(corrections="off"))
    ax = an.plot_elasticities(rows)
    widths = [np.ptp(np.asarray(c.get_segments())[0][:, 0]) for c in ax.collections[::2]]
    assert np.allclose(widths, 2 * rows["detectable"])


def test_deployment_marks_stale_and_corrected_months(panel):
    months = an.select_deployment(panel, "Ciudad de México")
    ax = an.plot_deployment(months)
    sizes = [len(offsets(dots)) for dots in ax.collections]
    assert sizes == [11, 14, 0, 11, 13, 1]


def test_disappeared_persons_add_up_to_the_dated_table():
    years = an.select_disappeared(an.load_table("disappeared_state_year"), "Sinaloa")
    ax = an.plot_disappeared(years)
    dated = years[years["year"] != "undated"]
    assert sum(bar.get_height() for bar in ax.patches) == dated["persons"].sum()


def test_missing_figures_stay_gaps(panel):
    rows = an.select_twelve_months(an.select_state(panel, "Oaxaca"))
    late = rows.dropna(subset=["year_rate_sesnsp"])["month"].min()
    assert late == pd.Timestamp("2017-10")  # twelve months after October 2016


def test_figures_draw_on_the_axes_they_are_given_and_leave_the_style_alone(trends):
    before = dict(mpl.rcParams)
    ax = Figure().subplots()
    assert an.plot_trends(trends, ax=ax) is ax
    assert dict(mpl.rcParams) == before
