"""Rows that a file has not and that the rest of it leads one to expect."""

from typing import Any

from analysis.official.rows import Rows

FIX = "Missing, not zero; if the file was cut off or filtered, get it again"


def find_holes(
    rows: Rows,
    source: str,
    unit: str,
    time: str,
    series: str = "''",
    *,
    few: float = 0.5,
    sparse: float = 1.0,
) -> list[tuple[Any, Any, Any]]:
    """Find units without a row at a time at which others have one.

    Parameters
    ----------
    rows : Rows
        The rows.
    source : str
        A table or view.
    unit, time, series : str
        Expressions; each series is looked at by itself.
    few, sparse : float
        A unit is expected at all times when it lacks no larger share of them, or a single one; at
        a time all units are expected when no larger share of them, or a single one, is lacking.

    Returns
    -------
    list of (unit, time, series)
    """

    def regular(one: str, other: str, share: float) -> str:
        every = f"(SELECT count(DISTINCT {other}) FROM held h WHERE h.series = held.series)"
        return (
            f"SELECT {one}, series FROM held GROUP BY ALL "
            f"HAVING {every} - count(*) <= greatest(1, {share} * {every})"
        )

    return rows.query(
        f"WITH held AS MATERIALIZED (SELECT DISTINCT {unit} AS unit, {time} AS time, "
        f"{series} AS series FROM {source}), "
        f"units AS ({regular('unit', 'time', few)}), times AS ({regular('time', 'unit', sparse)}) "
        "SELECT unit, time, series FROM units JOIN times USING (series) "
        "ANTI JOIN held USING (unit, time, series) ORDER BY ALL"
    )
