"""The columns of a file held against those of its format: renamed, missing, unknown, moved."""

from difflib import get_close_matches

from analysis.geography import normalise
from analysis.official.findings import Finding

# Two headers are alike that share this much of their letters.
LIKE = 0.75


def find_renamed(header: str, position: int, shown: list[str], free: list[int]) -> int | None:
    """Find a column under another name: alike, or the only stranger at its place."""
    cells = {normalise(shown[i]): i for i in free}
    near = get_close_matches(normalise(header), cells, n=1, cutoff=LIKE)
    if near:
        return cells[near[0]]
    return position if position in free else None


def tell_renaming(found: str, expected: str, row: int) -> Finding:
    """Tell that a column was read under another name."""
    fix = "It was read as the expected one; look whether its values are that"
    return Finding("warning", "renamed column", found, expected, fix, row, expected)


def tell_missing(name: str, row: int) -> Finding:
    """Tell that a column is not there."""
    fix = "Get the whole file from its producer"
    return Finding("error", "missing column", "no such column", name, fix, row, name)


def tell_unknown(place: int, shown: list[str], rows: list[list[str]], row: int) -> list[Finding]:
    """Tell of a column that the format does not have; without a name, only where it is filled."""
    name = shown[place]
    if not name and not any(cell.strip() for line in rows for cell in line[place : place + 1]):
        return []
    fix = "It was not read; if the producer has added it, the format must learn it"
    found = name or f"column {place + 1}, which has no name"
    return [Finding("warning", "unknown column", found, "no such column", fix, row, name or None)]


def tell_order(
    headers: dict[str, str], places: dict[str, int], shown: list[str], row: int
) -> list[Finding]:
    """Tell that columns stand in another order than the producer's.

    ``headers`` gives the producer's header of each name, in the producer's order.
    """
    usual = [name for name in headers if name in places]
    order = sorted(usual, key=lambda name: places[name])
    wrong = [i for i, name in enumerate(usual) if order[i] != name]
    if not wrong:
        return []
    names = ", ".join(shown[places[order[i]]] for i in wrong)
    right = ", ".join(headers[usual[i]] for i in wrong)
    fix = "Columns were read by their names; look whether values or only names changed places"
    return [Finding("warning", "column order", names, right, fix, row, headers[usual[wrong[0]]])]
