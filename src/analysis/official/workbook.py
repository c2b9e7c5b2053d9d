"""Workbooks: each sheet written as CSV, row by row, so that row numbers stay."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import openpyxl

from analysis.errors import RequestError
from analysis.official.container import check_workbook

# A sheet of official figures has fewer cells; a stray one at the far corner makes many more.
CELLS = 40_000_000


def write_sheets(path: Path, name: str, folder: Path) -> list[tuple[str, Path]]:
    """Write the sheets that hold anything as CSV; give title and file of each.

    Raises
    ------
    RequestError
        When the workbook is broken, empty, or much larger than it seems.
    """
    check_workbook(path, name)
    sheets = []
    try:
        with path.open("rb") as file:
            # By its content: the library would refuse a name that does not end in .xlsx.
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            for number, page in enumerate(book.worksheets):
                target = folder / f"sheet-{number}.csv"
                if _write(page, target, name):
                    sheets.append((page.title, target))
            book.close()
    except RequestError:
        raise
    except Exception as error:
        # openpyxl raises whatever the broken XML or zip made it stumble over.
        raise RequestError(f"{name} is a broken workbook ({error}); save it again") from error
    if not sheets:
        raise RequestError(f"{name} has no sheet with anything in it")
    return sheets


def _write(page: Any, target: Path, name: str) -> bool:
    """Write a sheet up to its last filled row and column; false where it has none."""
    # A sheet can claim fewer rows than it has, or none.
    page.reset_dimensions()
    rows, width = [], 0
    for row in page.iter_rows(values_only=True):
        rows.append(_trim([_cell(value) for value in row]))
        width = max(width, len(rows[-1]))
        if len(rows) * width > CELLS:
            raise RequestError(
                f'{name}: the sheet "{page.title}" reaches to row {len(rows):,} and column '
                f"{width:,}. Delete the rows and columns behind the table"
            )
    while rows and not rows[-1]:
        rows.pop()
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(_pad(rows, width))
    return bool(rows)


def _trim(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _pad(rows: list[list[str]], width: int) -> Iterator[list[str]]:
    return ([*row, *repeat("", width - len(row))] for row in rows)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        value = value.date()
    text = value.isoformat() if isinstance(value, date) else str(value)
    # A line break inside a cell would break the line of the file.
    return " ".join(text.splitlines())
