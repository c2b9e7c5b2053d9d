"""Tables for documents of one's own: CSV, LaTeX and Word."""

from pathlib import Path

import pandas as pd

from analysis.errors import RequestError, unknown
from analysis.files import written_beside
from analysis.reporting.parts import Caption, Cells
from analysis.reporting.spreadsheet import as_csv


def export_table(cells: Cells, path: str | Path, *, caption: Caption | None = None) -> Path:
    r"""Write a table as it is read on a page, by the ending of the file.

    Parameters
    ----------
    cells : Cells
        From a ``table_*`` function: text, with numbers as the language of the page writes them.
    path : str or pathlib.Path
        ``.csv``, ``.tex`` (a ``table`` for ``\usepackage{booktabs}``) or ``.docx``.
    caption : Caption, optional
        Title and subtitle above the table, notes below it; marks are always explained.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    RequestError
        For another ending, or a folder that is not there.

    Examples
    --------
    >>> import tempfile
    >>> from analysis import load_table, table_years
    >>> cells = table_years(load_table("national_year"))
    >>> path = export_table(cells, f"{tempfile.mkdtemp()}/years.tex")
    >>> path.read_text("utf-8").splitlines()[0]
    '\\begin{table}'
    """
    path = Path(path)
    writers = {".csv": _write_csv, ".tex": _write_latex, ".docx": _write_word}
    if path.suffix not in writers:
        raise unknown("ending of a table's file", path.suffix, writers)
    if not path.parent.is_dir():
        raise RequestError(f"there is no folder {path.parent}; make it, or name another")
    below = [f"{mark} {meaning}" for mark, meaning in cells.marks.items()]
    if caption:
        below += caption.notes
    with written_beside(path) as part:
        writers[path.suffix](part, cells, caption, below)
    return path


def _write_csv(path: Path, cells: Cells, caption: Caption | None, below: list[str]) -> None:
    path.write_text(as_csv(pd.DataFrame(cells.body, columns=cells.labels)), "utf-8")


def _write_latex(path: Path, cells: Cells, caption: Caption | None, below: list[str]) -> None:
    from nbconvert.filters.latex import escape_latex

    # Columns by number: two may have one label.
    frame = pd.DataFrame(cells.body)
    shown = frame.style.hide(axis="index").format(escape_latex)
    shown = shown.format_index(lambda place: escape_latex(cells.labels[place]), axis="columns")
    above = escape_latex(f"{caption.title}. {caption.subtitle}") if caption else None
    sides = "".join("r" if number else "l" for number in cells.numbers)
    text = shown.to_latex(
        column_format=sides, hrules=True, caption=above, environment="table", position_float=None
    )
    notes = "".join(f"\\par {escape_latex(note)}\n" for note in below)
    end = f"{{\\footnotesize\n{notes}}}\n" if notes else ""
    path.write_text(text.replace("\\end{table}", f"{end}\\end{{table}}"), "utf-8")


def _write_word(path: Path, cells: Cells, caption: Caption | None, below: list[str]) -> None:
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    document = Document()
    if caption:
        document.add_paragraph().add_run(caption.title).bold = True
        document.add_paragraph(caption.subtitle)
    table = document.add_table(rows=0, cols=len(cells.labels), style="Table Grid")
    for row in [cells.labels, *cells.body]:
        for cell, text, number in zip(table.add_row().cells, row, cells.numbers, strict=True):
            cell.text = text
            if number:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for run in (run for cell in table.rows[0].cells for run in cell.paragraphs[0].runs):
        run.bold = True
    for note in below:
        document.add_paragraph().add_run(note).font.size = Pt(9)
    document.save(str(path))
