"""When the rate changed: what is drawn is what was estimated, and any outcome is worded truly."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import analysis as an
from analysis.reporting.style import LIGHT


@pytest.fixture(scope="module")
def months():
    return an.load_table("national_month")


@pytest.fixture(scope="module")
def breaks(months):
    return an.fit_breaks(months, start="2015-01")


@pytest.fixture(scope="module")
def other(months):
    return an.fit_breaks(months, source="inegi", start="2015-01")


@pytest.fixture(scope="module")
def interruption(months):
    return an.fit_interruption(months)


def offsets(collection):
    return np.asarray(collection.get_offsets(), dtype="float64")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def with_rows(result, term, **values):
    """Give a result in which the rows of a term have other values."""
    rows = result.rows.copy()
    for column, value in values.items():
        rows.loc[rows["term"] == term, column] = value
    return replace(result, rows=rows)


class TestFigures:
    def test_dots_line_and_continuation_are_those_of_the_model(self, interruption):
        line = an.select_continuation(interruption)
        ax = an.plot_interruption(line)
        full, hollow, band = ax.collections
        drawn = np.concatenate([offsets(full)[:, 1], offsets(hollow)[:, 1]])
        assert np.allclose(np.sort(drawn), np.sort(line["observed"]))
        # Nine filled months of Oaxaca and six preliminary ones.
        assert hollow.get_facecolor().size == 0 and len(offsets(hollow)) == 15
        *pieces, carried = [x for x in ax.lines if len(x.get_xdata()) > 2]
        assert [len(piece.get_xdata()) for piece in pieces] == [54, 38, 34]
        fitted = np.concatenate([piece.get_ydata() for piece in pieces])
        assert np.allclose(fitted, line["fitted"])
        assert np.allclose(carried.get_ydata(), line["continued"].iloc[54:78])
        ends = band.get_paths()[0].vertices[:, 1]
        assert ends.max() == pytest.approx(line["conf_high"].iloc[77])
        assert ends.min() == pytest.approx(line["conf_low"].iloc[54:78].min())

    def test_placebo_dots_are_full_where_they_are_sure(self, interruption):
        placebos = an.select_placebos(interruption)
        levels = placebos[placebos["change"] == "level"]
        ax = an.plot_placebos(placebos)
        dates, full, hollow, event, event_full, event_hollow = ax.collections
        sure = levels["p_value"] < 0.05
        chosen = levels[levels["placebo"] & sure]
        assert np.allclose(offsets(full)[:, 1], chosen["estimate"])
        assert len(offsets(full)) == 24 and len(offsets(hollow)) == 7
        assert to_hex(hollow.get_facecolor()[0]) == LIGHT["paper"]
        assert len(offsets(event_full)) == 1 and len(offsets(event_hollow)) == 0
        segments = np.asarray([*dates.get_segments(), *event.get_segments()])
        assert np.allclose(np.sort(segments[:, 0, 1]), np.sort(levels["conf_low"]))
        assert np.allclose(np.sort(segments[:, 1, 1]), np.sort(levels["conf_high"]))

    def test_the_profile_shows_the_intervals_and_the_cost(self, breaks, other):
        profile = an.select_profile(breaks, other)
        ax = an.plot_breaks(profile)
        lines = {line.get_label(): line for line in ax.lines}
        for result, name in ((breaks, "SESNSP victims"), (other, "INEGI deaths")):
            own = result.fitted["profile"]
            shown = own[own["scaled"].isin(lines[name].get_ydata())]
            assert len(shown) == len(lines[name].get_ydata()) > 12
        cost = breaks.row("forced 2019-07")["cost"]
        crosses = [line.get_ydata()[0] for line in ax.lines if line.get_marker() == "X"]
        assert crosses == [cost, other.row("forced 2019-07")["cost"]]
        assert {"72.7", "57.3", " 95% limit"} <= {*texts(ax)}
        assert ax.get_ylim()[1] > max(crosses)


class TestWords:
    def test_the_break_before_the_guard_is_worded_so(self, breaks, other):
        title = an.caption_breaks(breaks, other).title
        assert title == (
            "The national rate (SESNSP victims) bends in September 2018 (95% interval July 2018 to "
            "October 2018), 10 months before the Guard was deployed"
        )
        point = an.point_break(breaks, other)
        assert "making it bend in July 2019 costs 72.7" in point.text
        assert "INEGI deaths: May 2018 (February 2018 to August 2018)" in point.text
        assert point.target == "breaks"

    @pytest.mark.parametrize(
        ("month", "low", "high", "words"),
        [
            ("2020-03", "2019-12", "2020-06", "8 months after the Guard was deployed"),
            ("2019-05", "2019-02", "2019-07", "holds the Guard's deployment"),
            ("2019-08", "2019-07", "2019-12", "holds the Guard's deployment"),
            ("2019-02", "2018-12", "2019-06", "5 months before the Guard was deployed"),
        ],
    )
    def test_another_month_is_worded_truly(self, breaks, other, month, low, high, words):
        values = {"month": month, "month_low": low, "month_high": high}
        changed = with_rows(breaks, "joinpoint", **values)
        assert words in an.caption_breaks(changed, other).title
        assert words in an.point_break(changed, other).text

    def test_an_event_stands_beside_its_placebos_and_windows(self, interruption):
        caption, point = an.caption_interruption(interruption), an.point_interruption(interruption)
        assert "level −10.1%" in caption.title and "77% of 31 placebo dates" in caption.title
        assert caption.title.endswith("none so large a fall")
        assert "so large a fall of level is found at none" in point.text
        assert "in a window from July 2017 the level changes by −1.6%" in point.text
        assert any("AR(1) errors the level changes by −8.8%" in note for note in caption.notes)
        assert any("2025-01 to 2025-06 are preliminary" in note for note in caption.notes)

    def test_where_the_event_lies_among_the_placebo_dates_is_said_by_the_numbers(
        self, interruption
    ):
        caption = an.caption_placebos(interruption)
        assert caption.title == (
            "The model finds a change of level at 77% of 31 placebo dates before July 2019, "
            "and at none so large a fall as in July 2019"
        )
        notes = " ".join(caption.notes)
        assert "the level falls at 2 of the dates and rises at 22" in notes
        assert "direction of July 2019 at 0 of the dates, that of slope at 4" in notes
        assert "(correlation −0.97) stands at −9.5% in July 2019: July 2019 continues it" in notes
        assert "single" not in caption.title + notes
        assert "July 2017 the level changes by −1.6% (95% interval −5.7 to 2.6)" in notes

    def test_placebo_dates_that_go_farther_are_counted(self, interruption):
        changed = with_rows(interruption, "placebo level", farther=3)
        assert "at 3 so large a fall" in an.caption_placebos(changed).title
        assert an.caption_interruption(changed).title.endswith("3 so large a fall")
        assert "so large a fall of level is found at 3." in an.point_interruption(changed).text

    def test_an_event_that_rises_is_held_against_rises(self, interruption):
        risen = with_rows(interruption, "level 2019-07", estimate=1.2, conf_low=1.1, conf_high=1.3)
        words = [an.caption_placebos(risen), an.caption_interruption(risen)]
        texts = [caption.title for caption in words] + [an.point_interruption(risen).text]
        assert all("so large a rise" in text and "fall" not in text for text in texts)

    @pytest.mark.parametrize("values", [{"carried": 0.7}, {"correlation": -0.4}])
    def test_no_line_is_continued_where_the_numbers_do_not_show_it(self, interruption, values):
        other = with_rows(interruption, "placebo level", **values)
        captions = [an.caption_placebos(other), an.caption_interruption(other)]
        notes = [" ".join(caption.notes) for caption in captions]
        for text in [*notes, an.point_interruption(other).text]:
            assert "continues" not in text and "where the model finds −10.1%" in text

    def test_few_sure_placebos_leave_the_p_values_alone(self, interruption):
        calm = with_rows(interruption, "placebo level", estimate=1 / 31)
        assert "3% of 31 placebo dates" in an.caption_interruption(calm).title
        for result, doubted in ((calm, False), (interruption, True)):
            texts = [
                " ".join(an.caption_placebos(result).notes),
                " ".join(an.caption_interruption(result).notes),
                an.point_interruption(result).text,
            ]
            assert all(("not to be believed" in text) is doubted for text in texts)

    def test_without_placebo_dates_none_are_claimed(self, months):
        short = an.fit_interruption(months, start="2017-07", events="2019-01")
        assert "placebo dates" not in an.point_interruption(short).text
        assert "placebo" not in an.caption_interruption(short).title
        assert an.table_segments(short).body[1][-1] == "–"


class TestTables:
    def test_segments_have_both_inferences_and_the_share_of_the_first_event(self, interruption):
        cells = an.table_segments(interruption)
        assert cells.body[1] == [
            "Level from July 2019",
            "0.90 [0.84 to 0.96]",
            "0.91 [0.85 to 0.98]",
            "77%",
        ]
        assert [row[-1] for row in cells.body] == ["–", "77%", "87%", "–", "–"]

    def test_breaks_name_source_month_and_cost(self, breaks, other):
        rows = an.table_breaks(an.select_breaks(breaks, other)).body
        assert len(rows) == 2 + 4 + 2 + 3
        assert [cell.replace("\u2011", "-") for cell in rows[0]] == [
            *("SESNSP victims", "One bend", "September 2018", "2018-07 to 2018-10"),
            *("+22.6%", "−4.7%", "0.0"),
        ]
        assert rows[1][1:4] == ["One bend, forced", "July 2019", "–"]
        assert rows[1][-1] == "72.7"

    def test_starts_have_a_row_a_window_and_a_column_a_change(self, interruption):
        starts = an.select_starts(interruption)
        cells = an.table_starts(starts)
        assert [row[0] for row in cells.body][::5] == ["January 2015", "July 2017"]
        assert cells.labels[1:3] == ["Level from July 2019", "Slope from July 2019, a year"]
        last = starts.query("start == '2017-07' and change == 'level' and month == '2019-07'")
        assert cells.body[-1][1].startswith(f"{last['estimate'].iloc[0]:.2f} [")


def test_every_frame_of_an_exhibit_names_its_tables(breaks, other, interruption):
    frames = [
        an.select_profile(breaks, other),
        an.select_breaks(breaks, other),
        an.select_continuation(interruption),
        an.select_placebos(interruption),
        an.select_starts(interruption),
    ]
    assert all("sesnsp_victims_state_month" in frame.attrs["sources"] for frame in frames)
    assert all(isinstance(frame, pd.DataFrame) and len(frame) for frame in frames)
