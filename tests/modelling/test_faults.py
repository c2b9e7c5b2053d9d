"""General rules for faults: planted ones are found at their very cell, clean tables stay quiet."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ModelError, RequestError
from analysis.modelling.faults import select_faults

MONTHS = 48
# (kind, what makes the figures vary, units, months)
TABLES = [
    ("count", "poisson", 32, MONTHS),
    ("count", "nb2", 32, MONTHS),
    ("count", "nb2", 8, MONTHS),
    ("stock", "still", 32, MONTHS),
    ("stock", "moving", 8, MONTHS),
]
NAMES = [f"{kind}-{law}-{units}" for kind, law, units, _ in TABLES]
COUNTS = ["homicides_sesnsp", "homicides_inegi", "negligent_homicides"]


def simulate(seed, kind, law, units, months=MONTHS):
    """Draw a clean table: small and large units, season, trend, and level steps in some."""
    draw = np.random.default_rng([seed, units, months])
    low, high = (2, 250) if kind == "count" else (300, 12_000)
    time = np.arange(months)[:, None]
    log = draw.uniform(np.log(low), np.log(high), units) + draw.normal(0, 0.08, units) * time / 12
    step, when = draw.normal(0, 0.5, units), draw.integers(4, months - 4, units)
    log = log + (time >= when) * step * (draw.random(units) < 0.4)
    if kind == "stock":
        moves = draw.normal(0, 0.03, log.shape) * (draw.random((months, 1)) < 0.6)
        noise = draw.normal(0, 0.12, log.shape) if law == "moving" else 0
        return widen(np.exp(log + np.cumsum(moves, axis=0) + noise).round())
    season = draw.uniform(0, 0.25, units) * np.cos(2 * np.pi * (time - draw.uniform(0, 12)) / 12)
    alpha = draw.uniform(0.005, 0.15, units)
    frailty = 1 if law == "poisson" else draw.gamma(1 / alpha, alpha, log.shape)
    return widen(draw.poisson(np.exp(log + season) * frailty).astype("float64"))


def widen(figures):
    units = pd.Index([f"u{number:02d}" for number in range(figures.shape[1])], name="place")
    return pd.DataFrame(figures, columns=units).rename_axis("week")


def search(wide, kind, **options):
    """Give the findings in a table, with names of columns of its own."""
    tidy = wide.stack().dropna().rename("figure").reset_index()
    unit, time = wide.columns.name, wide.index.name
    return select_faults(tidy, unit=unit, time=time, value="figure", kind=kind, **options)


def cells(found, term):
    rows = found[found["term"] == term]
    return set(zip(rows.iloc[:, 1], rows.iloc[:, 2], strict=True))


def level(wide):
    """Give the usual figure round each cell."""
    return wide.rolling(7, center=True, min_periods=3).median()


def noise(wide, kind):
    """Give each unit's spread on the log scale: what it moves from month to month, and chance."""
    logs = np.log(wide.clip(lower=0.5))
    moves = logs.diff().abs().quantile(0.75) / 1.15
    least = 1 / wide.median().clip(lower=1) if kind == "count" else 0.05**2
    return np.sqrt(moves**2 + least)


def visible_cells(wide, kind):
    """Say where a missing figure could be told from chance: figures and spread allow no zero."""
    usual, spread = level(wide), noise(wide, kind)
    return usual.where((usual > 40) & (spread < 0.3))


def visible_swaps(wide, kind, row):
    """List pairs whose exchange can be seen: 1.6 times and five spreads of either unit apart."""
    usual, spread = level(wide.iloc[row - 3 : row + 4]).iloc[3], noise(wide, kind)
    logs, spread = np.log(usual.where(usual >= 3)).to_numpy(), spread.to_numpy()
    apart = logs[:, None] - logs
    seen = apart > np.log(1.6) + 5 * np.maximum(spread[:, None], spread)
    return [(wide.columns[a], wide.columns[b]) for a, b in np.argwhere(seen)]


def real(panel, column):
    known = panel.dropna(subset=[column])
    return known.pivot(index="month", columns="cve_ent", values=column).astype("float64")


@pytest.fixture(scope="module", params=[*range(len(TABLES)), *COUNTS, "guards"])
def table(request, panel):
    """Every kind of table, simulated and real, with rows in which a fault is planted."""
    if isinstance(request.param, int):
        kind, *rest = TABLES[request.param]
        return simulate(4, kind, *rest), kind, range(4, MONTHS - 4)
    wide = real(panel, request.param)
    # The Guard's first year is a build-up in which nothing is usual; months of late 2020 are.
    kind, first = ("stock", 12) if request.param == "guards" else ("count", 24)
    return wide, kind, range(first, len(wide) - 4)


class TestPlantedFaults:
    def test_an_outlier_is_found_at_its_cell(self, table):
        wide, kind, rows = table
        draw, spread = np.random.default_rng(1), noise(table[0], table[1])
        for row in draw.choice(rows, 3, replace=False):
            unit = draw.choice(wide.columns[(level(wide).iloc[row] > 3)])
            usual = level(wide).loc[wide.index[row], unit]
            planted = wide.copy()
            planted.loc[wide.index[row], unit] = round(usual * 1.6 * np.exp(8 * spread[unit]))
            found = search(planted, kind)
            assert (unit, wide.index[row]) in cells(found, "outlier")
            mine = found[found["term"].eq("outlier") & found.iloc[:, 1].eq(unit)]
            assert (mine["estimate"] > np.log(1.5)).all()

    def test_a_zero_that_is_missing_is_found_at_its_cell(self, table):
        wide, kind, rows = table
        visible = np.argwhere(visible_cells(wide, kind).iloc[list(rows)].notna())
        for place in np.random.default_rng(2).choice(visible, 3, replace=False):
            row, unit = rows[place[0]], wide.columns[place[1]]
            planted = wide.copy()
            planted.loc[wide.index[row], unit] = 0
            found = search(planted, kind)
            assert (unit, wide.index[row]) in cells(found, "zero")
            assert (unit, wide.index[row]) not in cells(found, "outlier")

    def test_exchanged_cells_are_found_with_the_figure_each_should_have(self, table):
        wide, kind, rows = table
        draw, tried = np.random.default_rng(3), 0
        for row in draw.permutation(rows):
            pairs = visible_swaps(wide, kind, row)
            if tried == 3:
                break
            if not pairs:
                continue
            tried += 1
            a, b = pairs[draw.integers(len(pairs))]
            month, planted = wide.index[row], wide.copy()
            planted.loc[month, [a, b]] = wide.loc[month, [b, a]].to_numpy()
            found = search(planted, kind)
            mine = found[found["term"].eq("permuted") & found.iloc[:, 2].eq(month)]
            assert dict(zip(mine.iloc[:, 1], mine["partner"], strict=True)) == {a: b, b: a}
            truth = wide.loc[month, mine.iloc[:, 1].tolist()].tolist()
            assert mine["expected"].tolist() == truth
            assert not {(a, month), (b, month)} & (cells(found, "outlier") | cells(found, "zero"))
        assert tried

    def test_a_copied_month_is_certain(self, table):
        wide, kind, rows = table
        row = np.random.default_rng(4).choice(rows)
        planted = wide.copy()
        planted.iloc[row] = wide.iloc[row - 3]
        found = search(planted, kind)
        mine = found[found["term"].eq("repeat") & found.iloc[:, 2].eq(wide.index[row])]
        assert mine["sure"].tolist() == ["certain"]
        assert mine["units"].tolist() == [wide.shape[1]]


@pytest.mark.parametrize("lag", [1, 12])
@pytest.mark.parametrize("seed", range(3))
def test_a_block_of_units_that_repeats_a_month_is_found(seed, lag):
    wide = simulate(seed, "count", "nb2", 32)
    draw = np.random.default_rng(seed)
    row, units = int(draw.integers(15, MONTHS)), draw.choice(32, 20, replace=False)
    wide.iloc[row, units] = wide.iloc[row - lag, units]
    found = search(wide, "count").query("term == 'block'")
    assert found[["week", "partner"]].to_numpy().tolist() == [[row, str(row - lag)]]
    # Zeros do not speak for a copy, and other units may be equal by chance.
    assert found["units"].between(16, 23).all()
    assert found["place"].isna().all()


@pytest.mark.parametrize("seed", range(3))
def test_a_year_that_repeats_the_year_before_in_one_unit_is_found(seed):
    wide = simulate(seed, "count", "nb2", 8)
    first = 12 + 6 * seed
    wide.iloc[first : first + 12, 3] = wide.iloc[first - 12 : first, 3]
    found = search(wide, "count").query("term == 'copied year'")
    assert found["place"].tolist() == ["u03"]
    assert found["week"].iloc[0] == pytest.approx(first, abs=1)


@pytest.mark.parametrize("length", [3, 4, 8])
def test_cycles_of_any_length_are_one_exchange(length):
    sizes = 40 * 2.5 ** np.arange(8)
    wide = widen(np.random.default_rng(length).poisson(sizes, (40, 8)).astype("float64"))
    units = list(wide.columns[:length])
    shifted = wide.copy()
    shifted.loc[20, units] = wide.loc[20, [*units[1:], units[0]]].to_numpy()
    found = search(shifted, "count")
    assert set(found["term"]) == {"permuted"}
    assert found["place"].tolist() == units
    assert found["expected"].tolist() == wide.loc[20, units].tolist()
    assert found["units"].eq(length).all()


def test_a_swap_of_nearly_equal_figures_is_not_seen():
    wide = widen(np.random.default_rng(6).poisson([100, 108, 400, 30], (40, 4)).astype("float64"))
    swapped = wide.copy()
    swapped.loc[20, ["u00", "u01"]] = wide.loc[20, ["u01", "u00"]].to_numpy()
    assert search(swapped, "count").empty


@pytest.mark.parametrize("row", [0, 39])
@pytest.mark.parametrize("factor", [10, 0.1])
def test_first_and_last_months_are_searched_but_only_possible(row, factor):
    wide = widen(np.full((40, 4), 1000.0) + np.arange(40)[:, None])
    wide.iloc[row, 2] *= factor
    found = search(wide.round(), "stock")
    assert cells(found, "outlier") == {("u02", row)}
    assert found.loc[found["term"] == "outlier", "sure"].tolist() == ["possible"]


def test_a_lasting_step_of_a_stock_is_no_outlier_but_may_be_a_fault():
    wide = simulate(1, "stock", "still", 8) * 0 + 1000
    wide.iloc[30:, 4] = 2300
    found = search(wide, "stock")
    assert cells(found, "step") == {("u04", 30)}
    assert found.loc[found["term"] == "step", "sure"].tolist() == ["possible"]
    assert "outlier" not in set(found["term"])


def test_a_last_month_in_which_most_units_fell_is_truncated():
    wide = simulate(3, "count", "nb2", 32)
    wide.iloc[-1] = (wide.iloc[-1] / 3).round()
    found = search(wide, "count").query("term == 'truncated'")
    assert found["week"].tolist() == [MONTHS - 1]


class TestQuietness:
    @pytest.mark.parametrize("sample", TABLES, ids=NAMES)
    def test_a_false_finding_is_rarer_than_one_table_in_fifty(self, sample):
        kind, law, units, _ = sample
        found = [search(simulate(seed, kind, law, units), kind) for seed in range(40)]
        sure = [rows["sure"].isin(["certain", "likely"]).any() for rows in found]
        assert sum(sure) == 0, found[sure.index(True)]
        # A lasting step is in these tables by construction and rightly called possible.
        doubted = [not rows[rows["term"] != "step"].empty for rows in found]
        assert np.mean(doubted) <= 0.05

    @pytest.mark.parametrize("kind", ["count", "stock"])
    def test_a_table_of_zeros_is_quiet(self, kind):
        assert search(widen(np.zeros((24, 8))), kind).empty

    def test_small_figures_that_coincide_are_no_copy(self):
        wide = widen(np.random.default_rng(8).poisson(0.4, (120, 8)).astype("float64"))
        assert search(wide, "count").empty


class TestSums:
    def frame(self):
        wide = simulate(2, "count", "poisson", 8)
        tidy = wide.stack().rename("figure").reset_index()
        half = (tidy["figure"] / 2).astype("int64")
        people = 100_000 + 100 * tidy["week"]
        rate = (tidy["figure"] / people * 1e5).round(1)
        return tidy.assign(a=half, b=tidy["figure"] - half, people=people, rate=rate)

    def search(self, frame, **options):
        return select_faults(frame, unit="place", time="week", value="figure", **options)

    def test_parts_that_do_not_add_are_certain_at_their_row(self):
        frame = self.frame()
        assert self.search(frame, parts=["a", "b"]).empty
        frame.loc[77, "b"] += 1
        found = self.search(frame, parts=["a", "b"])
        place = frame.loc[77, ["place", "week"]].tolist()
        assert found[["term", "place", "week", "sure"]].to_numpy().tolist() == [
            ["parts", *place, "certain"]
        ]
        assert found["found"].iloc[0] == found["expected"].iloc[0] + 1

    def test_units_that_do_not_add_to_the_total_are_certain_at_their_time(self):
        frame = self.frame()
        totals = frame.groupby("week")["figure"].sum().reset_index()
        assert self.search(frame, totals=totals).empty
        totals.loc[9, "figure"] += 2
        found = self.search(frame, totals=totals)
        assert found[["term", "week", "sure"]].to_numpy().tolist() == [["total", 9, "certain"]]

    def test_a_unit_that_was_left_out_is_found_by_the_total(self):
        frame = self.frame()
        totals = frame.groupby("week")["figure"].sum().reset_index()
        found = self.search(frame.drop(index=77), totals=totals)
        assert found["week"].tolist() == [frame.loc[77, "week"]]

    @pytest.mark.parametrize("population", ["people", ""])
    def test_a_rate_that_implies_another_population_is_found(self, population):
        frame = self.frame().query("figure > 20").reset_index(drop=True)
        assert self.search(frame, rate="rate", population=population).empty
        frame.loc[50, "rate"] = round(frame.loc[50, "rate"] * 1.3, 1)
        found = self.search(frame, rate="rate", population=population)
        assert found[["term", "place", "week"]].to_numpy().tolist() == [
            ["population", *frame.loc[50, ["place", "week"]].tolist()]
        ]
        assert found["estimate"].iloc[0] == pytest.approx(-np.log(1.3), abs=0.05)


class TestProperties:
    def planted(self):
        wide = simulate(9, "count", "nb2", 32)
        big = wide.median().nlargest(2).index
        wide.loc[10, big[0]], wide.loc[40, big[1]] = 0, 4000
        return wide.stack().rename("figure").reset_index()

    def search(self, tidy, **names):
        return select_faults(tidy, **({"unit": "place", "time": "week", "value": "figure"} | names))

    def test_row_order_is_irrelevant_and_the_input_untouched(self):
        tidy = self.planted()
        before = tidy.copy()
        found = self.search(tidy)
        assert len(found) == 2
        pd.testing.assert_frame_equal(found, self.search(tidy.sample(frac=1, random_state=1)))
        pd.testing.assert_frame_equal(tidy, before)

    def test_names_of_columns_and_kinds_of_time_are_irrelevant(self):
        tidy = self.planted()
        dates = pd.Timestamp("2015-01-01") + tidy["week"] * pd.Timedelta(days=7)
        other = pd.DataFrame({"town": tidy["place"], "day": dates, "cases": tidy["figure"]})
        found = self.search(other, unit="town", time="day", value="cases")
        assert found["found"].tolist() == self.search(tidy)["found"].tolist()
        assert found.columns[:3].tolist() == ["term", "town", "day"]

    def test_missing_figures_are_no_findings(self):
        tidy = self.planted()
        gone = tidy["figure"].where(tidy["week"] % 7 != 3)
        found = self.search(tidy.assign(figure=gone))
        assert not (found["week"] % 7 == 3).any()


class TestBadInput:
    def frame(self, **changes):
        wide = simulate(1, "count", "poisson", 4, 12)
        return wide.stack().rename("figure").reset_index().assign(**changes)

    @pytest.mark.parametrize(
        ("figure", "message"),
        [(-1.0, "figures? .*from 0|whole numbers"), (2.5, "whole"), (np.inf, "whole")],
    )
    def test_impossible_counts_are_refused(self, figure, message):
        with pytest.raises(ModelError, match=message):
            select_faults(self.frame(figure=figure), unit="place", time="week", value="figure")

    def test_a_unit_twice_at_one_time_is_refused(self):
        twice = pd.concat([self.frame(), self.frame().head(1)])
        with pytest.raises(ModelError, match="u00 stands 2 times"):
            select_faults(twice, unit="place", time="week", value="figure")

    def test_text_is_refused(self):
        with pytest.raises(ModelError, match="expected numbers"):
            select_faults(self.frame(figure="12"), unit="place", time="week", value="figure")

    def test_too_few_times_are_refused(self):
        with pytest.raises(ModelError, match="at least 6"):
            frame = self.frame().query("week < 5")
            select_faults(frame, unit="place", time="week", value="figure")

    @pytest.mark.parametrize(
        "change", [{"unit": "nowhere"}, {"kind": "rate"}, {"parts": ["nothing"]}, {"rate": "no"}]
    )
    def test_a_bad_request_is_refused(self, change):
        asked = {"unit": "place", "time": "week", "value": "figure"} | change
        with pytest.raises(RequestError, match="unknown"):
            select_faults(self.frame(), **asked)
