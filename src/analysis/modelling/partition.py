"""Several breaks in the level and slope of a log rate, by dynamic programming."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.calendar import month_span, month_text
from analysis.errors import ModelError, RequestError
from analysis.modelling.result import ModelResult, Note
from analysis.modelling.series import log_rates, read_series

# Columns that are there also when nothing breaks.
COLUMNS = [
    *("term", "kind", "breaks", "month", "month_low", "month_high"),
    *("before", "after", "bic", "rss", "chosen"),
]
KINDS = {"breaks": "Int64", "chosen": "boolean"}
# How far the likelihood ratio of the true month lies above the least, with 95 %.
DROP = float(-2 * np.log(1 - np.sqrt(0.95)))
# Parameters that strucchange counts for a segment: constant, slope, and the break or the variance.
COUNTED = 3


def estimate_breaks(
    series: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    exposure: str = "",
    shortest: int = 12,
    most: int = 5,
    period: int = 12,
) -> ModelResult:
    """Estimate how often and when the level and slope of a log rate broke.

    Least squares of the log rate on time in each segment; the segments that fit best by dynamic
    programming (Bai & Perron 2003, J. Appl. Econometrics 18, 1-22), their number by BIC with
    three parameters a segment as R's strucchange counts (Zeileis et al. 2003, Comput. Stat. Data
    Anal. 44, 109-123). The interval of a break inverts its likelihood ratio, the others fixed
    (Siegmund 1988, Int. Stat. Rev. 56, 31-48; Eo & Morley 2015, Quant. Econ. 6, 463-497).

    Parameters
    ----------
    series : pandas.DataFrame
        One row a month (or as `period` says), in any order, without holes.
    outcome, time, exposure : str
        Columns: a count, its month, and what the rate is per (none when empty).
    shortest, most, period : int
        Rows a segment has at least, breaks there are at most, rows a year.

    Returns
    -------
    ModelResult
        Rows ``break 1, break 2...`` (kind ``break``): ``month``, the first of the new segment,
        ``month_low, month_high``, ``before, after`` the slopes in % a year; rows ``0 breaks, 1
        breaks...`` (kind ``number``): ``breaks, bic, rss``, and ``chosen``. No row has an
        ``estimate``.

    Raises
    ------
    RequestError
        For a column or number not accepted.
    ModelError
        For a hole, no homicides, a series too short for two segments, or a rate without scatter.

    Examples
    --------
    >>> months = pd.date_range("2015-01", periods=60, freq="MS")
    >>> deaths = [100, 110, 105, 120] * 6 + [200, 220, 210, 240] * 9
    >>> frame = pd.DataFrame({"month": months, "deaths": deaths})
    >>> estimate_breaks(frame, outcome="deaths", time="month").row("break 1")["month"]
    '2017-01'
    """
    rows = read_series(series, outcome=outcome, time=time, exposure=exposure, period=period)
    if shortest < 3 or most < 1:
        raise RequestError(
            f"a segment needs at least 3 rows and there must be at least 1 break, not {shortest} "
            f"and {most}"
        )
    if len(rows) < 2 * shortest:
        raise ModelError(f"{len(rows)} rows are too few for two segments of {shortest}")
    rates, notes = log_rates(rows)
    loss = _segment_losses(rates.to_numpy(), shortest)
    if not loss[0, -1] > 1e-16 * len(rows):
        raise ModelError(f"the log rate of {outcome} lies on a straight line: nothing to break")
    most = min(most, len(rows) // shortest - 1)
    partitions = _best_partitions(loss, shortest, most)
    numbers = _number_rows(loss, partitions)
    chosen = next(row for row in numbers if row["chosen"])
    breaks, gaps = _break_rows(rows, rates, loss, partitions[chosen["breaks"]], shortest)
    found = [row | {"breaks": chosen["breaks"], "bic": chosen["bic"]} for row in breaks]
    return ModelResult(
        model="breaks",
        formula=f"log({outcome} / {exposure or '1'}) ~ time, by segment",
        parameters={"shortest": shortest, "most": most},
        sources=tuple(series.attrs.get("sources", ())),
        period=month_span(rows["month"]),
        observations=len(rows),
        states=0,
        inference="number by BIC; months by inverting the likelihood ratio, the others fixed",
        unit="",
        rows=pd.DataFrame([*found, *numbers], columns=COLUMNS).astype(KINDS),
        notes=(*notes, *gaps),
        fitted={"series": rows, "partitions": partitions},
    )


def _segment_losses(y: np.ndarray, shortest: int) -> np.ndarray:
    """Give the residual sum of squares of a straight line from row i up to row j - 1, at [i, j]."""
    n = len(y)
    loss = np.full((n + 1, n + 1), np.inf)
    for i in range(n - shortest + 1):
        # Counted from the segment's own start, which keeps the sums well conditioned.
        x, z = np.arange(n - i, dtype="float64"), y[i:] - y[i]
        size = x + 1
        sx, sz = np.cumsum(x), np.cumsum(z)
        sxx = np.cumsum(x * x) - sx**2 / size
        sxz = np.cumsum(x * z) - sx * sz / size
        szz = np.cumsum(z * z) - sz**2 / size
        with np.errstate(invalid="ignore", divide="ignore"):
            rss = szz - sxz**2 / sxx
        loss[i, i + shortest :] = np.maximum(rss[shortest - 1 :], 0)
    return loss


def _best_partitions(loss: np.ndarray, shortest: int, most: int) -> list[list[int]]:
    """Give the best cuts for 0, 1... breaks, each a list from 0 to n (Bellman 1961)."""
    n = len(loss) - 1
    cost, path = loss[0].copy(), [[0, j] for j in range(n + 1)]
    partitions = [path[n]]
    for _ in range(most):
        # The last segment begins at i: what came before was already best.
        total = cost[:, None] + loss
        before = total.argmin(axis=0)
        cost, path = total.min(axis=0), [[*path[i], j] for j, i in enumerate(before)]
        partitions.append(path[n])
    return partitions


def _number_rows(loss: np.ndarray, partitions: list[list[int]]) -> list[dict[str, Any]]:
    """Give a row a number of breaks with its BIC, the least of which is chosen."""
    n = len(loss) - 1
    rss = np.array([_total(loss, cuts) for cuts in partitions])
    likelihood = n * (np.log(np.maximum(rss, 1e-300)) + 1 - np.log(n) + np.log(2 * np.pi))
    bic = likelihood + np.log(n) * COUNTED * np.arange(1, len(partitions) + 1)
    return [
        {"term": f"{m} breaks", "kind": "number", "breaks": m, "bic": bic[m], "rss": rss[m]}
        | {"chosen": m == bic.argmin()}
        for m in range(len(partitions))
    ]


def _total(loss: np.ndarray, cuts: list[int]) -> float:
    return float(sum(loss[i, j] for i, j in zip(cuts, cuts[1:], strict=False)))


def _break_rows(
    rows: pd.DataFrame, rates: pd.Series, loss: np.ndarray, cuts: list[int], shortest: int
) -> tuple[list[dict[str, Any]], list[Note]]:
    """Give a row a break with its interval, and a note where the interval is cut short."""
    n, least = len(rows), _total(loss, cuts)
    slopes = [
        np.expm1(np.polyfit(rows["years"][i:j], rates[i:j], 1)[0]) * 100
        for i, j in zip(cuts, cuts[1:], strict=False)
    ]
    found, notes = [], []
    for place, (low, here, high) in enumerate(zip(cuts, cuts[1:], cuts[2:], strict=False), start=1):
        tried = np.arange(low + shortest, high - shortest + 1)
        rest = least - loss[low, here] - loss[here, high]
        ratio = n * np.log((rest + loss[low, tried] + loss[tried, high]) / least)
        inside = tried[ratio <= DROP]
        months = [month_text(rows["month"][i]) for i in (here, inside[0], inside[-1])]
        if inside[0] == tried[0] or inside[-1] == tried[-1]:
            text = "of several breaks, that of {month} has an interval cut by the shortest segment"
            notes.append(Note(text, month=months[0]))
        found.append(
            {"term": f"break {place}", "kind": "break"}
            | dict(zip(("month", "month_low", "month_high"), months, strict=True))
            | {"before": slopes[place - 1], "after": slopes[place]}
        )
    return found, notes
