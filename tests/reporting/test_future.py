"""Smooth trends, counterfactuals and forecasts: what is drawn, and that any outcome is true."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

import analysis as an
from analysis.reporting.style import LIGHT


@pytest.fixture(scope="module")
def tables():
    return an.load_panel(), an.load_table("national_month")


@pytest.fixture(scope="module")
def smooth(tables):
    return an.fit_smooth_trend(*tables, state="Sinaloa")


@pytest.fixture(scope="module")
def counterfactual(tables):
    return an.fit_counterfactual(tables[1])


@pytest.fixture(scope="module")
def forecast(tables):
    return an.fit_forecast(*tables)


def offsets(collection):
    return np.asarray(collection.get_offsets(), dtype="float64")


def heights(collection):
    """Give the y-values a fan runs over."""
    return collection.get_paths()[0].vertices[:, 1]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def with_rows(result, where, **values):
    """Give a result in which the rows of some terms have other values."""
    rows = result.rows.copy()
    for column, value in values.items():
        rows.loc[rows["term"].isin(where), column] = value
    return replace(result, rows=rows)


class TestSmooth:
    def test_dots_band_and_line_are_those_of_the_frame(self, smooth):
        months = an.select_smooth(smooth)
        ax = an.plot_smooth(months)
        full, hollow, band = ax.collections
        assert len(offsets(hollow)) == 6 and hollow.get_facecolor().size == 0
        drawn = np.concatenate([offsets(full)[:, 1], offsets(hollow)[:, 1]])
        assert np.allclose(drawn, months["observed"])
        assert heights(band).max() == pytest.approx(months["conf_high"].max())
        assert heights(band).min() == pytest.approx(months["conf_low"].min())
        assert np.allclose(ax.lines[0].get_ydata(), months["rate"])

    @pytest.mark.parametrize("direction", ["rising", "falling", "unclear"])
    def test_the_direction_is_said_and_coloured_by_the_evidence(self, smooth, direction):
        result = with_rows(smooth, ["direction"], direction=direction)
        ax = an.plot_smooth(an.select_smooth(result))
        label = next(text for text in ax.texts if text.get_text().endswith(direction))
        assert to_hex(label.get_color()) == LIGHT[direction]
        caption = an.caption_smooth(result)
        assert caption.title.endswith(direction)
        others = {"rising", "falling", "unclear"} - {direction}
        assert not any(word in caption.title for word in others)

    def test_the_words_carry_the_numbers_of_the_last_month(self, smooth):
        last = an.select_smooth(smooth).iloc[-1]
        caption = an.caption_smooth(smooth)
        assert caption.title.startswith(f"Sinaloa: {last['rate']:.1f} per 100,000 in June 2025")
        assert f"{last['conf_low']:.1f} to {last['conf_high']:.1f}" in caption.title
        assert any("preliminary" in note for note in caption.notes)
        assert "Sinaloa" in caption.subtitle

    def test_a_direction_that_rests_on_preliminary_months_is_said(self, smooth):
        text = "The direction at the end rests on preliminary months."
        assert text in an.caption_smooth(smooth).notes
        final = with_rows(smooth, ["2025-06"], flags="")
        assert text not in an.caption_smooth(final).notes
        # A mark of the other source is none of this one.
        other = with_rows(smooth, ["2025-06"], flags="inegi_preliminary")
        assert text not in an.caption_smooth(other).notes

    def test_a_general_series_has_neither_flags_nor_source(self):
        months = an.load_table("national_month").query("month < '2010'")
        names = {"outcome": "homicides_inegi", "time": "month", "exposure": "person_years"}
        ax = an.plot_smooth(an.select_smooth(an.estimate_smooth(months, **names)))
        assert [len(offsets(dots)) for dots in ax.collections[:2]] == [120, 0]


class TestCounterfactual:
    def test_observed_expected_and_fans_are_those_of_the_frame(self, counterfactual):
        months = an.select_counterfactual(counterfactual, months=24)
        ax = an.plot_counterfactual(months)
        after = months.dropna(subset=["expected"])
        assert len(after) == 72 and len(months) == 96
        wide, narrow, *_dots = ax.collections
        assert heights(wide).max() == pytest.approx(after["expected_high"].max())
        assert heights(narrow).max() == pytest.approx(after["high_80"].max())
        expected, observed = (line.get_ydata() for line in ax.lines[:2])
        assert np.allclose(expected, after["expected"])
        assert np.allclose(observed, months["observed"])
        assert {" observed", " expected"} <= {*texts(ax)}

    @pytest.mark.parametrize(
        ("verdict", "color", "words"),
        [
            ("fewer", "falling", "fewer homicides than expected from before"),
            ("more", "rising", "more homicides than expected from before"),
            ("unclear", "unclear", "more or fewer homicides than expected is unclear"),
            ("uninformative", "unclear", "what would have been can not be told"),
        ],
    )
    def test_every_verdict_has_its_words_and_colour(self, counterfactual, verdict, color, words):
        terms = ["cumulative", "cumulative 12"]
        result = with_rows(counterfactual, terms, verdict=verdict)
        months = an.select_cumulative(result)
        ax = an.plot_cumulative(months, verdict=verdict)
        line = next(line for line in ax.lines if len(line.get_xdata()) == 72)
        assert to_hex(line.get_color()) == LIGHT[color]
        assert np.allclose(line.get_ydata(), months["cumulative"])
        assert heights(ax.collections[0]).min() == pytest.approx(months["cumulative_low"].min())
        whole, first = an.caption_counterfactual(result), an.caption_cumulative(result)
        assert words in whole.title and "July 2019 to June 2025" in whole.title
        assert words in first.title and "July 2019 to June 2020" in first.title

    def test_a_fan_that_leaves_the_axis_is_said(self, counterfactual):
        far = with_rows(counterfactual, ["2020-06"], expected_high=99_999.0)
        low = with_rows(counterfactual, list(counterfactual.rows["term"]), expected_high=3_000.0)
        assert "to 100,000 in a month" in " ".join(an.caption_counterfactual(far).notes)
        assert "beyond the axis" not in " ".join(an.caption_counterfactual(low).notes)
        months = an.select_counterfactual(counterfactual)
        top = an.plot_counterfactual(months).get_ylim()[1]
        assert top <= 4 * months["observed"].max()

    def test_a_general_series_has_a_table_without_marks(self):
        months = an.load_table("national_month").query("month < '2010'")
        names = {"outcome": "homicides_inegi", "time": "month", "exposure": "person_years"}
        result = an.estimate_counterfactual(months, **names, event="2008-01", draws=200)
        cells = an.table_counterfactual(an.select_totals(result))
        assert cells.marks == {} and cells.body[0][3].replace(",", "").isdigit()

    def test_the_other_level_stands_in_the_notes(self, counterfactual):
        notes = " ".join(an.caption_counterfactual(counterfactual).notes)
        assert "With a level that wanders instead" in notes
        assert "9 missing SESNSP cells" in notes

    def test_the_table_has_both_levels(self, counterfactual):
        totals = an.select_totals(counterfactual)
        cells = an.table_counterfactual(totals)
        assert [row[0] for row in cells.body] == ["level and slope"] * 3 + ["level"] * 3
        observed = [row[3] for row in cells.body[:3]]
        counts = [f"{count:,.0f}" for count in totals["observed"][:3]]
        # Only the last window holds preliminary months.
        assert observed == [counts[0], counts[1], f"{counts[2]} p"]
        assert cells.marks == {"p": "preliminary figure"}

    @pytest.mark.parametrize(
        ("told", "title"),
        [
            (0, "In none of 6 sums since July 2019 can the difference be told from chance"),
            (2, "In 2 of 6 sums since July 2019 the difference can be told from chance"),
        ],
    )
    def test_a_difference_that_is_unclear_is_not_called_absent(self, counterfactual, told, title):
        totals = counterfactual.rows["kind"].isin(["total", "alternative"])
        terms = counterfactual.rows.loc[totals, "term"]
        result = with_rows(counterfactual, list(terms), verdict="unclear")
        result = with_rows(result, list(terms[:told]), verdict="fewer")
        assert an.caption_counterfactual_table(result).title == title

    def test_a_short_time_after_the_event_has_words_too(self, tables):
        result = an.fit_counterfactual(tables[1], event="2025-01")
        assert "January 2025 to June 2025" in an.caption_cumulative(result).title
        assert len(an.table_counterfactual(an.select_totals(result)).body) == 2


class TestForecast:
    def test_the_fan_begins_after_the_last_month_observed(self, forecast):
        months = an.select_forecast(forecast, months=36)
        ax = an.plot_forecast(months)
        wide, narrow = ax.collections[:2]
        ahead = months.dropna(subset=["estimate"])
        assert heights(wide).max() == pytest.approx(ahead["conf_high"].max())
        assert heights(narrow).max() == pytest.approx(ahead["high_80"].max())
        known, coming = (line.get_ydata() for line in ax.lines[:2])
        assert (len(known), len(coming)) == (36, 12)
        assert np.allclose(coming, ahead["estimate"])

    def test_scores_are_dots_and_the_best_is_in_ink(self, forecast):
        scores = an.select_backtest(forecast)
        ax = an.plot_backtest(scores)
        dots = ax.collections[1]
        assert np.allclose(offsets(dots)[:, 0], scores["wis"][::-1])
        colors = [to_hex(color) for color in dots.get_facecolors()]
        assert colors == [LIGHT["unclear"]] * 6 + [LIGHT["ink"]]
        assert ax.get_yticklabels()[-1].get_fontweight() == "bold"

    def test_the_words_name_the_best_model_and_its_coverage(self, forecast):
        best = an.select_backtest(forecast).iloc[0]
        gain = f"{1 - best['relative']:.1%}"
        assert gain in an.caption_backtest(forecast).title
        held = f"{best['coverage_95']:.0%}"
        assert held in an.caption_backtest_table(forecast).title
        assert any(held in note for note in an.caption_forecast(forecast).notes)
        last = an.select_forecast(forecast).iloc[-1]
        title = an.caption_forecast(forecast).title
        assert f"{last['estimate']:.1f} homicides per 100,000 forecast for June 2026" in title

    def test_when_no_model_beats_the_seasonal_rule_it_says_so(self, forecast):
        scores = forecast.rows[forecast.rows["kind"] == "score"].copy()
        best = scores["term"].eq("seasonal naive")
        scores = scores.assign(winner=best).sort_values("winner", ascending=False)
        title = an.caption_backtest(replace(forecast, rows=scores)).title
        assert title.startswith("No model forecast Mexico's past better than the rate of a year")

    def test_tables_write_every_model_and_month(self, forecast):
        scores, months = an.select_backtest(forecast), an.select_forecast(forecast)
        assert len(an.table_backtest(scores).body) == 7
        body = an.table_forecast(months).body
        assert len(body) == 12 and body[0][0] == "July 2025"
        row = months.dropna(subset=["estimate"]).iloc[0]
        assert body[0][3] == f"{row['conf_low']:.1f} to {row['conf_high']:.1f}"
