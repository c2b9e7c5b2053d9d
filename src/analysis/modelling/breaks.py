"""When the national rate changed, found without being told any date."""

from typing import Any

import pandas as pd

from analysis.calendar import month_text, parse_month
from analysis.columns import credit
from analysis.errors import ModelError
from analysis.modelling.joinpoint import bend_row, estimate_joinpoint
from analysis.modelling.partition import estimate_breaks
from analysis.modelling.result import ModelResult
from analysis.modelling.series import select_national_series
from analysis.parameters import Source, check


def fit_breaks(
    national_month: pd.DataFrame,
    *,
    source: Source = "sesnsp",
    start: str = "",
    end: str | None = None,
    forced: str = "2019-07",
) -> ModelResult:
    """Estimate when the national rate changed, and what it costs to say it was another month.

    `estimate_joinpoint` and `estimate_breaks` on the national series, without being told any date;
    then the bend forced to a month.

    Parameters
    ----------
    national_month : pandas.DataFrame
        One row a month: ``month, person_years`` and ``homicides_sesnsp_filled`` (victims) or
        ``homicides_inegi`` (deaths); ``filled_cells, filled_deaths, flags`` where known.
    source : {"sesnsp", "inegi"}
        Which count.
    start, end : str
        First and last month, ``YYYY-MM``; an empty one is the first or last of the source.
    forced : str
        The month whose cost is given.

    Returns
    -------
    ModelResult
        Rows ``joinpoint`` and ``forced YYYY-MM``, whose ``cost`` is the scaled deviance above
        the best month (3.84 is the 95 % limit), ``break 1...`` and ``0 breaks...``, with the
        columns of `estimate_joinpoint` and `estimate_breaks`, and ``kind``.

    Raises
    ------
    RequestError
        For a value that is not accepted.
    ModelError
        When the month forced is not one of those tried, or the series can not carry the models.

    Examples
    --------
    >>> from analysis import load_table
    >>> result = fit_breaks(load_table("national_month"))
    >>> result.row("joinpoint")["month"]
    '2018-09'
    """
    given = {"source": source, "start": start, "end": end, "forced": forced}
    asked = check(fit_breaks, {k: v for k, v in given.items() if v is not None})
    months = select_national_series(national_month, source=source, start=asked["start"], end=end)
    columns: dict[str, Any] = {"outcome": "homicides", "time": "month", "exposure": "person_years"}
    bend, breaks = estimate_joinpoint(months, **columns), estimate_breaks(months, **columns)
    moment = parse_month(asked["forced"])
    profile = bend.fitted["profile"].set_index("month")["scaled"]
    if moment not in profile.index:
        first, last = month_text(profile.index[0]), month_text(profile.index[-1])
        raise ModelError(f"{forced} can not be forced: months tried are {first} to {last}")
    row = bend_row(f"forced {forced}", bend.fitted["fits"][moment], tested=True)
    row |= {"kind": "forced", "month": forced, "cost": profile[moment]}
    bend_rows = bend.rows.assign(kind="joinpoint", cost=0.0)
    return ModelResult(
        model="breaks",
        formula=f"{bend.formula}; {breaks.formula}",
        parameters=asked | {"start": bend.period[0], "end": bend.period[1]},
        sources=tuple(months.attrs["sources"]),
        period=bend.period,
        observations=len(months),
        states=32,
        inference=f"{bend.inference}; {breaks.inference}",
        unit=bend.unit,
        rows=pd.concat([bend_rows, pd.DataFrame([row]), breaks.rows], ignore_index=True),
        notes=(*months.attrs["notes"], *bend.notes, *breaks.notes),
        fitted=bend.fitted | breaks.fitted,
    )


def select_profile(*breaks: ModelResult) -> pd.DataFrame:
    """Give how much worse the trend fits when it is made to bend at another month.

    Parameters
    ----------
    *breaks : ModelResult
        From `fit_breaks`, one a source.

    Returns
    -------
    pandas.DataFrame
        One row a month tried: ``source, month, deviance, scaled`` (deviance above the least over
        the dispersion), ``inside``, whether it lies in the 95 % interval, and ``forced``.

    Examples
    --------
    >>> from analysis import fit_breaks, load_table
    >>> profile = select_profile(fit_breaks(load_table("national_month"), start="2017-01"))
    >>> inside = profile.loc[profile["inside"], "month"]
    >>> f"{inside.min():%Y-%m} to {inside.max():%Y-%m}"
    '2018-08 to 2019-03'
    """
    frames = []
    for result in breaks:
        row, profile = result.row("joinpoint"), result.fitted["profile"]
        low, high = pd.Timestamp(row["month_low"]), pd.Timestamp(row["month_high"])
        frame = profile.assign(
            inside=profile["month"].between(low, high),
            forced=profile["month"].eq(result.parameters["forced"]),
        )
        frame.insert(0, "source", result.parameters["source"])
        frames.append(frame)
    return _under_each_other(frames, breaks)


def select_breaks(*breaks: ModelResult) -> pd.DataFrame:
    """Put the rows of `fit_breaks` of several sources under each other.

    Parameters
    ----------
    *breaks : ModelResult
        From `fit_breaks`, one a source.

    Returns
    -------
    pandas.DataFrame
        Rows of `fit_breaks` with ``source, first, last``.

    Examples
    --------
    >>> from analysis import fit_breaks, load_table
    >>> rows = select_breaks(fit_breaks(load_table("national_month"), start="2017-01"))
    >>> rows.loc[rows["term"] == "joinpoint", ["month_low", "month_high"]].to_numpy().tolist()
    [['2018-08', '2019-03']]
    """
    frames = []
    for result in breaks:
        first, last = result.period
        source = result.parameters["source"]
        frames.append(result.tidy().assign(source=source, first=first, last=last))
    return _under_each_other(frames, breaks)


def _under_each_other(frames: list[pd.DataFrame], results: tuple[ModelResult, ...]) -> pd.DataFrame:
    frame = pd.concat(frames, ignore_index=True)
    tables = dict.fromkeys(name for result in results for name in result.sources)
    slopes = {"before": "% a year", "after": "% a year"}
    return credit(frame, tables, estimate=results[0].unit, **slopes)
