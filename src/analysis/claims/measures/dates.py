"""Dates as measures are asked for them."""

import pandas as pd

from analysis.errors import RequestError


def check_date(text: str) -> None:
    """Refuse what is not ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

    Raises
    ------
    RequestError
        With how a date is written.

    Examples
    --------
    >>> check_date("2023-12-31")
    """
    for pattern in ("%Y", "%Y-%m", "%Y-%m-%d"):
        read = pd.to_datetime(text, format=pattern, errors="coerce")
        if read is not pd.NaT and read.strftime(pattern) == text:
            return
    raise RequestError(f'"{text}" is not a date; write YYYY, YYYY-MM or YYYY-MM-DD')
