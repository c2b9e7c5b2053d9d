"""Write a built table with its dictionary for use elsewhere."""

from pathlib import Path

import pandas as pd

from analysis.cleaning.build import load_table
from analysis.cleaning.official import export_official
from analysis.errors import RequestError
from analysis.files import written_beside
from analysis.sources import describe, official_tables, raw_tables

# The column that a raw table gains when it is built.
FLAGS = {
    "name": "flags",
    "type": "string",
    "unit": "codes",
    "description": "marks of corrected, missing or doubtful figures, joined by ;",
}
# Rows that a sheet of a workbook can hold below its header.
SHEET = 1_048_575
FORMATS = (".csv", ".parquet", ".xlsx")


def build_dictionary(name: str) -> pd.DataFrame:
    """Give one row a column of a table: ``column, type, unit, description``.

    Examples
    --------
    >>> build_dictionary("panel").set_index("column").loc["guards", "unit"]
    'guards'
    """
    fields = list(describe(name)["schema"]["fields"])
    if name in raw_tables():
        fields.append(FLAGS)
    frame = pd.DataFrame(fields).rename(columns={"name": "column"})
    return frame.reindex(columns=["column", "type", "unit", "description"])


def export_table(name: str, file: Path) -> list[Path]:
    """Write a table as CSV, Parquet or XLSX, chosen by the file's ending, with its dictionary.

    The dictionary is a second sheet of an XLSX file and else ``NAME-dictionary.csv`` beside.

    Returns
    -------
    list of pathlib.Path
        What was written.

    Raises
    ------
    RequestError
        When the ending is another, the folder does not exist, or a workbook has not enough rows.
    DataError
        When no file of an official table was taken in.
    """
    ending = file.suffix.lower()
    if ending not in FORMATS:
        raise RequestError(f'"{file.name}": the ending says the format; use {", ".join(FORMATS)}')
    if not file.parent.is_dir():
        raise RequestError(f"the folder {file.parent} does not exist; make it first")
    dictionary = build_dictionary(name)
    if ending == ".xlsx" and name in official_tables() and len(load_table(name)) > SHEET:
        raise RequestError(f"{name} has more than {SHEET:,} rows; export it as .csv or .parquet")
    with written_beside(file) as part:
        if name in official_tables() and ending != ".xlsx":
            export_official(name, part, "csv, HEADER" if ending == ".csv" else "parquet")
        elif ending == ".xlsx":
            table = load_table(name)
            with pd.ExcelWriter(part, engine="openpyxl") as book:
                table.to_excel(book, sheet_name="data", index=False)
                dictionary.to_excel(book, sheet_name="dictionary", index=False)
        elif ending == ".csv":
            load_table(name).to_csv(part, index=False, lineterminator="\n")
        else:
            load_table(name).to_parquet(part, index=False)
    if ending == ".xlsx":
        return [file]
    beside = file.with_name(f"{file.stem}-dictionary.csv")
    with written_beside(beside) as part:
        dictionary.to_csv(part, index=False, lineterminator="\n")
    return [file, beside]
