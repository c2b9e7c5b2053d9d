"""National Guard: guards deployed by state and month."""

import pandas as pd

from analysis.calendar import find_repeats
from analysis.cleaning.corrections import add_flag, read_table


def read_deployment(*, corrected: bool = True) -> pd.DataFrame:
    """Read guards deployed by state and month.

    Returns
    -------
    pandas.DataFrame
        One row a state and month: ``cve_ent, month, guards``, ``flags``: ``guards_corrected``,
        ``guards_stale`` (the month repeats an earlier one in every state), ``guards_break``.

    Examples
    --------
    >>> deployment = read_deployment()
    >>> int(deployment.loc[deployment["month"] == "2021-07-01", "guards"].sum())
    99946
    """
    table = read_table("guard_deployment_state_month", corrected=corrected)
    if not corrected:
        return table
    stale = find_repeats(table.pivot(index="month", columns="cve_ent", values="guards"))
    return add_flag(table, table["month"].isin(stale.index), "guards_stale")
