"""A tidy panel as the arrays of a regression with effects of units and times."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.linalg import qr

from analysis.errors import ModelError, RequestError, unknown

Effects = Literal["none", "unit", "time", "unit+time", "unit+time+trend"]
Family = Literal["poisson", "gaussian"]


@dataclass(frozen=True, eq=False)
class Problem:
    """A panel as arrays, one row an observation in order of unit and time.

    Attributes
    ----------
    outcome, offset : numpy.ndarray
        Counts (or any figure, for OLS) and log exposure.
    regressors : numpy.ndarray
        One column a regressor, named in ``names``.
    nuisance : numpy.ndarray
        Linearly independent columns of the effects.
    unit, time : numpy.ndarray
        Codes 0, 1, ... of the labels in ``units, times``.
    nested : bool
        Whether there is an effect for each unit, and so nested in the clusters.
    """

    outcome: np.ndarray
    offset: np.ndarray
    regressors: np.ndarray
    nuisance: np.ndarray
    unit: np.ndarray
    time: np.ndarray
    names: list[str]
    units: np.ndarray
    times: np.ndarray
    nested: bool
    family: Family

    @cached_property
    def present(self) -> np.ndarray:
        """Codes of the units that have a row."""
        return np.unique(self.unit)

    def without(self, unit: int) -> "Problem":
        """Leave one unit out."""
        keep = self.unit != unit
        return replace(
            self,
            outcome=self.outcome[keep],
            offset=self.offset[keep],
            regressors=self.regressors[keep],
            nuisance=independent(self.nuisance[keep]),
            unit=self.unit[keep],
            time=self.time[keep],
        )

    def null(self, term: int, value: float) -> "Problem":
        """Hold one coefficient at a value; the other regressors join the nuisance."""
        others = np.delete(self.regressors, term, axis=1)
        return replace(
            self,
            offset=self.offset + value * self.regressors[:, term],
            regressors=self.regressors[:, [term]],
            nuisance=np.hstack([others, self.nuisance]) if others.size else self.nuisance,
        )


def build_problem(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressors: list[str],
    unit: str,
    time: str,
    exposure: str,
    effects: Effects,
    family: Family,
) -> tuple[Problem, pd.DataFrame]:
    """Turn a tidy panel into arrays, and give the rows that can not inform with their reason.

    Parameters and errors are those of `estimate_effects`.
    """
    names = [outcome, *regressors, *([exposure] if exposure else [])]
    _check_request(frame, [unit, time, *names], regressors, effects, family)
    absent = frame[[unit, time, *names]].isna().any(axis=1).to_numpy()
    rows = frame[~absent]
    (unit_codes, units), (time_codes, times) = (
        pd.factorize(rows[name], sort=True) for name in (unit, time)
    )
    try:
        figures = {name: rows[name].to_numpy("float64") for name in names}
    except (TypeError, ValueError) as error:
        raise RequestError(f"{', '.join(names)} must be numbers: {error}") from error
    _check_rows(figures, rows[[unit, time]], outcome, exposure, family)
    keep = np.ones(len(rows), dtype=bool)
    if family == "poisson":
        own = {"unit": unit_codes, "time": time_codes}
        keep = _informative(figures[outcome], [own[name] for name in own if name in effects])
    order = np.lexsort((time_codes, unit_codes))
    order = order[keep[order]]
    figures = {name: values[order] for name, values in figures.items()}
    unit_codes, time_codes = unit_codes[order], time_codes[order]
    if len(np.unique(unit_codes)) < 3:
        raise ModelError(
            f"{outcome} has {len(np.unique(unit_codes))} units with figures; 3 are needed"
        )
    clock = _clock(rows[time], effects)[order]
    problem = Problem(
        outcome=figures[outcome],
        offset=np.log(figures[exposure]) if exposure else np.zeros(len(order)),
        regressors=np.column_stack([figures[name] for name in regressors]),
        nuisance=independent(_nuisance(unit_codes, time_codes, effects, clock)),
        unit=unit_codes,
        time=time_codes,
        names=list(regressors),
        units=np.asarray(units),
        times=np.asarray(times),
        nested="unit" in effects,
        family=family,
    )
    return problem, _lost_rows(frame[absent], rows[~keep])


def _lost_rows(absent: pd.DataFrame, silent: pd.DataFrame) -> pd.DataFrame:
    """Put the rows that can not inform under each other, with their reason."""
    reasons = ["a value is missing", "every count is zero"]
    lost = [rows.assign(reason=why) for rows, why in zip((absent, silent), reasons, strict=True)]
    return pd.concat([rows for rows in lost if len(rows)] or lost[:1])


def _check_request(
    frame: pd.DataFrame, columns: list[str], regressors: list[str], effects: str, family: str
) -> None:
    for name in columns:
        if name not in frame:
            raise unknown("column", name, map(str, frame))
    for what, value, kind in (("effects", effects, Effects), ("family", family, Family)):
        if value not in get_args(kind):
            raise unknown(what, str(value), get_args(kind))
    if not regressors:
        raise RequestError("name at least one regressor")


def _clock(time: pd.Series, effects: str) -> np.ndarray:
    """Give time as a number, dates in months: a trend is over time, not over the rows present."""
    if "trend" not in effects or pd.api.types.is_numeric_dtype(time):
        return time.to_numpy("float64") if "trend" in effects else np.zeros(len(time))
    dates = time.dt.to_timestamp() if isinstance(time.dtype, pd.PeriodDtype) else time
    if not pd.api.types.is_datetime64_any_dtype(dates):
        raise RequestError(f"a trend needs times that are dates or numbers, not {time.dtype}")
    days = (dates.dt.day - 1) / dates.dt.days_in_month
    return (12 * dates.dt.year + dates.dt.month + days).to_numpy("float64")


def _check_rows(
    figures: dict[str, np.ndarray], labels: pd.DataFrame, outcome: str, exposure: str, family: str
) -> None:
    if (twice := labels.duplicated()).any():
        first = labels[twice].iloc[0].to_dict()
        raise ModelError(f"{first} stands twice in the frame; expected one row a unit and time")
    if family == "poisson" and (figures[outcome] < 0).any():
        raise ModelError(f"{outcome} is negative in {(figures[outcome] < 0).sum()} rows: no count")
    if exposure and (family != "poisson" or not (figures[exposure] > 0).all()):
        raise ModelError(f"{exposure} must be positive in every row, and the family Poisson")
    for name, values in figures.items():
        if not np.isfinite(values).all():
            raise ModelError(f"{name} is infinite in {(~np.isfinite(values)).sum()} rows")


def _informative(counts: np.ndarray, own: list[np.ndarray]) -> np.ndarray:
    """Leave out units and times with effects of their own and no event, as often as it takes."""
    keep = np.ones(len(counts), dtype=bool)
    while True:
        silent = np.zeros(len(counts), dtype=bool)
        for codes in own:
            silent |= keep & (np.bincount(codes, counts * keep)[codes] == 0)
        if not silent.any():
            return keep
        keep &= ~silent


def _nuisance(unit: np.ndarray, time: np.ndarray, effects: str, clock: np.ndarray) -> np.ndarray:
    own = np.equal.outer(unit, np.unique(unit)) if "unit" in effects else np.ones((len(unit), 1))
    parts = [own.astype("float64")]
    if "time" in effects:
        parts.append(np.equal.outer(time, np.unique(time)).astype("float64"))
    if "trend" in effects:
        parts.append(own * (clock - clock.mean())[:, None])
    return np.hstack(parts)


def independent(columns: np.ndarray) -> np.ndarray:
    """Leave out columns that are sums of the others."""
    columns = columns[:, np.any(columns != 0, axis=0)]
    triangle, order = qr(columns, mode="r", pivoting=True)
    size = np.abs(np.diag(triangle))
    return columns[:, np.sort(order[: int((size > 1e-10 * size[0]).sum())])]
