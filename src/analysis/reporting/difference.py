"""Two runs side by side: which numbers moved, by how much, and what of their basis changed."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import __version__
from analysis.errors import RequestError
from analysis.files import written_beside
from analysis.modelling.result import Note
from analysis.reporting.export import exporter
from analysis.reporting.languages import in_language, index_page, languages, other_pages
from analysis.reporting.seal import FILE, list_changes
from analysis.reporting.spreadsheet import as_csv
from analysis.reporting.text import translate

# The page, one in each language, and what of a report's basis may have changed.
PAGE = "difference"
PARTS = {
    "data": Note("data"),
    "code": Note("code"),
    "lock": Note("packages"),
    "parameters": Note("parameters"),
}
# The page shows so many numbers of a report, those that moved most; its CSV has all.
SHOWN = 50
# Columns that name what a row is about, in the order in which they are tried.
NAMING = (
    *("id", "cve_ent", "cve_mun", "city", "month", "year", "date", "period", "term", "inference"),
    *("variant", "lag", "effects", "specification", "outcome", "coding", "sample", "estimator"),
    *("administration", "category", "means", "crime", "definition", "concept", "place", "choice"),
    *("value", "series", "model", "horizon", "flag", "name"),
)
MOVED = ["slug", "table", "row", "column", "old", "new", "change"]


def compare_runs(old: Path, new: Path) -> dict[str, Any]:
    """Compare the tables of two runs, number by number.

    Parameters
    ----------
    old, new : pathlib.Path
        Folders of reports, each with its ``manifest.json``.

    Returns
    -------
    dict
        ``reports``: by slug ``status`` (``same, moved, added, gone``), ``title``, ``titles`` by
        language, ``why`` (what of data, code, packages and parameters changed) and ``moved``, how
        many numbers;
        ``moved``: a frame with a row a number: ``slug, table, row, column, old, new, change``
        (in % of the old, missing where there is none).

    Raises
    ------
    RequestError
        When a folder holds no reports.
    """
    before, after = _read(old), _read(new)
    reports: dict[str, dict[str, Any]] = {}
    frames = []
    for slug in sorted({*before, *after}):
        one, other = before.get(slug), after.get(slug)
        told: dict[str, Any] = {
            "title": (other or one or {}).get("title") or slug,
            "titles": (other or one or {}).get("titles", {}),
            "why": [],
            "moved": 0,
        }
        if one and other:
            told["why"] = list_changes(_basis(old, one), _basis(new, other))
            moved = _compare_tables(_tables(old, one), _tables(new, other)).assign(slug=slug)
            frames.append(moved)
            told |= {"moved": len(moved), "status": "moved" if len(moved) else "same"}
        else:
            told["status"] = "added" if other else "gone"
        reports[slug] = told
    moved = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=MOVED)
    return {"reports": reports, "moved": moved.reindex(columns=MOVED)}


def write_difference(found: dict[str, Any], old: str, new: str, folder: Path) -> Path:
    """Write the pages of a comparison, one a language, and give that in English.

    What moved most in each report stands first.
    """
    reports = _list_moved(found)
    for lang in languages():
        with in_language(lang):
            text = _render(reports, old, new, lang)
        with written_beside(folder / index_page(lang, PAGE)) as part:
            part.write_text(text, "utf-8")
    return folder / index_page("en", PAGE)


def _list_moved(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Give what is shown of each report in any language, those that moved most first."""
    moved, reports = found["moved"], []
    for slug, told in found["reports"].items():
        rows = moved[moved["slug"].eq(slug)]
        shown = rows.loc[rows["change"].abs().sort_values(ascending=False).index].head(SHOWN)
        body = [[str(cell) for cell in row] for row in shown[MOVED[1:-1]].to_numpy()]
        sizes = [f"{size:+.1f}%" if pd.notna(size) else "" for size in shown["change"]]
        lines = [[*row, size] for row, size in zip(body, sizes, strict=True)]
        reports.append(told | {"slug": slug, "rows": lines, "csv": as_csv(rows)})
    order = {"moved": 0, "added": 1, "gone": 2, "same": 3}
    return sorted(reports, key=lambda told: (order[told["status"]], -told["moved"]))


def _render(reports: list[dict[str, Any]], old: str, new: str, lang: str) -> str:
    said = []
    for told in reports:
        changed = [reason.partition(": ") for reason in told["why"]]
        why = [f"{translate(PARTS[part])}: {name}" for part, __, name in changed]
        said.append(told | {"title": told["titles"].get(lang, told["title"]), "why": why})
    resources = {
        "page": {"version": __version__, "languages": other_pages(lang, PAGE)},
        "lang": lang,
        "translate": translate,
        "old": old,
        "new": new,
        "reports": said,
    }
    return exporter().environment.get_template("difference.html.j2").render(resources=resources)


def _read(folder: Path) -> dict[str, dict[str, Any]]:
    """Give the entry of each report, in one of its languages, with its title in all."""
    try:
        runs = json.loads((folder / "manifest.json").read_text("utf-8"))["runs"]
    except (OSError, ValueError, KeyError) as error:
        raise RequestError(f"{folder} holds no reports: {error}") from error
    good = [run for run in runs if (folder / run["lang"] / run["slug"] / FILE).is_file()]
    titles: dict[str, dict[str, str]] = {}
    for run in good:
        titles.setdefault(run["slug"], {})[run["lang"]] = run.get("title") or run["slug"]
    first = sorted(good, key=lambda run: run["lang"], reverse=True)
    return {run["slug"]: run | {"titles": titles[run["slug"]]} for run in first}


def _basis(folder: Path, run: dict[str, Any]) -> dict[str, dict[str, str]]:
    return json.loads((folder / run["lang"] / run["slug"] / FILE).read_text("utf-8"))


def _tables(folder: Path, run: dict[str, Any]) -> dict[str, pd.DataFrame]:
    paths = sorted((folder / run["lang"] / run["slug"] / "tables").glob("*.csv"))
    read = (pd.read_csv(path, dtype="str", keep_default_na=False) for path in paths)
    return {path.stem: table for path, table in zip(paths, read, strict=True)}


def _compare_tables(old: dict[str, pd.DataFrame], new: dict[str, pd.DataFrame]) -> pd.DataFrame:
    frames = [pd.DataFrame(columns=MOVED[1:])]
    for name in dict.fromkeys([*old, *new]):
        one, other = old.get(name, pd.DataFrame()), new.get(name, pd.DataFrame())
        keys = _keys(one, other)
        long = [_long(frame, keys) for frame in (one, other)]
        both = long[0].merge(long[1], on=["row", "column"], how="outer", suffixes=("_old", "_new"))
        both = both.rename(columns={"cell_old": "old", "cell_new": "new"}).fillna("")
        both = both[both["old"].ne(both["new"])].assign(table=name)
        figures = [pd.to_numeric(both[side], errors="coerce") for side in ("old", "new")]
        change = 100 * (figures[1] / figures[0].where(figures[0].ne(0)) - 1)
        frames.append(both.assign(change=change))
    return pd.concat(frames, ignore_index=True)


def _keys(one: pd.DataFrame, other: pd.DataFrame) -> list[str]:
    """Give the fewest naming columns that tell the rows of both tables apart; none will do."""
    keys: list[str] = []
    for name in NAMING:
        if name in one and name in other:
            keys.append(name)
            if not (one.duplicated(keys).any() or other.duplicated(keys).any()):
                return keys
    return []


def _long(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Give a row a cell, named by its keys, or by its place where there are none."""
    names = frame[keys].agg(", ".join, axis=1) if keys else (frame.index + 2).astype("str")
    rest = frame.drop(columns=keys).assign(row=names)
    return rest.melt(id_vars="row", var_name="column", value_name="cell").astype("str")
