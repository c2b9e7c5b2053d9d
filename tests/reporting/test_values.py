"""What a mark of a drawing says it draws: the rows of the figures behind it."""

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.reporting.values import name_marks, tell

MONTHS = pd.date_range("2020-01", periods=4, freq="MS")
DATA = pd.DataFrame(
    {
        "cve_ent": ["01", "01", "02", "02"],
        "month": [*MONTHS[:2], *MONTHS[:2]],
        "rate": [1.5, 2.5, 3.5, 4.5],
        "share": [0.1, 0.2, 0.3, 0.4],
    }
)


@pytest.fixture
def ax():
    return Figure().subplots()


def named(ax, *marks, data=DATA):
    name_marks(ax.figure, data)
    return [mark.get_gid() for mark in marks]


def test_a_line_names_its_columns_rows_and_label(ax):
    [line] = ax.plot(MONTHS[:2], [3.5, 4.5], label="Baja California")
    assert named(ax, line) == ["mark:month rate 2-3 Baja California"]


def test_dots_among_words_name_what_they_draw(ax):
    dots = ax.scatter([4.5, 1.5], [0, 1])
    assert named(ax, dots) == ["mark:- rate 3,0"]


def test_percent_is_told_of_shares_of_one(ax):
    [line] = ax.plot(MONTHS[:2], [10.0, 20.0])
    assert named(ax, line) == ["mark:month share% 0-1"]


def test_what_the_figures_do_not_hold_is_not_told(ax):
    [line] = ax.plot(MONTHS[:2], [3.5, 4.6])
    [steps] = ax.step(MONTHS[:2], [3.5, 4.5])
    across = ax.axhline(3.5)
    assert named(ax, line, steps, across) == [None, None, None]


def test_a_number_that_two_rows_have_tells_neither(ax):
    dots = ax.scatter([1.5], [0])
    assert named(ax, dots, data=DATA.assign(rate=1.5)) == [None]


def test_a_mark_moved_aside_tells_what_it_draws(ax):
    [line] = ax.plot([0.1, 1.1], [0.003, 0.004])
    tell(line, [3.5, 4.5], along=MONTHS[:2])
    assert named(ax, line) == ["mark:month rate 2-3"]


def test_a_tile_is_found_by_its_state(ax):
    tile = ax.add_patch(Rectangle((0, 0), 1, 1, label="Baja California"))
    tell(tile, [3.5], along=["02"])
    data = DATA.assign(rate=[3.5, 2.5, 3.5, 4.5])
    assert named(ax, tile, data=data) == ["mark:- rate 2 Baja California"]


def test_words_beside_may_be_told_with_the_month(ax):
    dots = ax.scatter(MONTHS[:1], [7], label="outlier")
    tell(dots, [3.5], along=MONTHS[:1], beside=True)
    assert named(ax, dots) == ["mark:-month rate 2 outlier"]


def test_each_bar_of_a_stack_is_told_by_its_own_height(ax):
    data = pd.DataFrame({"year": [2020, 2021, 2020, 2021], "persons": [4, 5, 6, 7]})
    ax.bar([2020, 2021], [4, 5], label="dead")
    above = ax.bar([2020, 2021], [6, 7], bottom=[4, 5], label="alive")
    assert named(ax, *above, data=data) == [
        "mark:year persons 2 alive",
        "mark:year persons 3 alive",
    ]


def test_dots_on_a_line_do_not_tell_it_again(ax):
    [line] = ax.plot(MONTHS[:2], [3.5, 4.5])
    dots = ax.scatter(MONTHS[:1], [3.5])
    assert named(ax, line, dots) == ["mark:month rate 2-3", None]


def test_panels_within_axes_are_told(ax):
    panel = ax.inset_axes((0, 0, 1, 0.5))
    [line] = panel.plot(MONTHS[:2], [1.5, 2.5])
    assert named(ax, line) == ["mark:month rate 0-1"]
