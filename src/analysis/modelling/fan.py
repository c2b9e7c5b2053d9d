"""What was observed against the fan of what was expected, by month and summed."""

from typing import Any

import numpy as np
import pandas as pd

from analysis.calendar import month_text

# Windows after the event for which sums are given beside that to the end.
WINDOWS = (12, 24)
# A fan that holds zero and is wider than this share of what was counted tells nothing.
WIDE = 0.5
QUANTILES = {"low": 0.025, "low_80": 0.10, "middle": 0.5, "high_80": 0.90, "high": 0.975}


def month_rows(after: pd.DataFrame, paths: np.ndarray) -> pd.DataFrame:
    """Hold every month against the paths, and the sum from the first month to it.

    Parameters
    ----------
    after : pandas.DataFrame
        One row a month in order: ``month, count``.
    paths : numpy.ndarray
        Counts that were expected, a row a month, a column a path.
    """
    counts = after["count"].to_numpy()
    sums = _against(counts.cumsum(), _quantiles(paths.cumsum(axis=0)))
    return pd.DataFrame(
        {
            "kind": "month",
            "term": after["month"].map(month_text),
            **_against(counts, _quantiles(paths)),
            "cumulative": sums["estimate"],
            "cumulative_low": sums["conf_low"],
            "cumulative_high": sums["conf_high"],
            "months": 1,
        }
    )


def total_rows(after: pd.DataFrame, paths: np.ndarray, *, kind: str) -> pd.DataFrame:
    """Hold the sums over windows after the event against the paths, each with what it says."""
    sums, total = _quantiles(paths.cumsum(axis=0)), after["count"].cumsum().to_numpy()
    windows = {f"cumulative {rows}": rows for rows in WINDOWS if rows <= len(after)}
    other = ", other level" if kind == "alternative" else ""
    table = []
    for term, rows in (windows | {"cumulative": len(after)}).items():
        row = _against(float(total[rows - 1]), {k: float(v[rows - 1]) for k, v in sums.items()})
        verdict = _verdict(row["conf_low"], row["conf_high"], row["observed"])
        names = {"kind": kind, "term": f"{term}{other}"}
        table.append(names | row | {"months": rows, "verdict": verdict})
    return pd.DataFrame(table)


def _verdict(low: float, high: float, observed: float) -> str:
    if low > 0:
        return "more"
    if high < 0:
        return "fewer"
    return "uninformative" if high - low > WIDE * observed else "unclear"


def _against(observed: Any, fan: dict[str, Any]) -> dict[str, Any]:
    """Hold what was observed against the fan of what was expected."""
    return {
        "estimate": observed - fan["middle"],
        "conf_low": observed - fan["high"],
        "conf_high": observed - fan["low"],
        "observed": observed,
        "expected": fan["middle"],
        "expected_low": fan["low"],
        "expected_high": fan["high"],
        "low_80": fan["low_80"],
        "high_80": fan["high_80"],
    }


def _quantiles(paths: np.ndarray) -> dict[str, np.ndarray]:
    values = np.quantile(paths, list(QUANTILES.values()), axis=1)
    return dict(zip(QUANTILES, values, strict=True))
