"""The commands about data: read the request, call, choose the exit code."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
format_option = click.option("--as", "as_format", metavar="FORMAT", help="Take it for this format.")


def print_json(document: Any) -> None:
    """Print one JSON document."""
    # Absence is null: NaN and Infinity are no JSON, and to print them would be a fault of ours.
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str, allow_nan=False)
    click.echo(text)


def print_table(frame: Any, as_json: bool) -> None:
    """Print a frame as text, or its rows as JSON."""
    if as_json:
        click.echo(frame.to_json(orient="records", force_ascii=False, indent=2))
    else:
        click.echo(frame.to_string(index=False, na_rep=""))


@click.group()
def data() -> None:
    """Build, list, show and export the tables; take official files in."""


@data.command("build")
@json_option
def data_build(as_json: bool) -> None:
    """Check the raw tables, apply corrections, write tidy Parquet and a manifest."""
    from analysis.cleaning.build import build_data

    manifest = build_data()
    if as_json:
        return print_json(manifest)
    for name, table in manifest["tables"].items():
        marks = [f"{len(table['corrected'])} corrections"] if table["corrected"] else []
        marks += [f"{flag}: {rows}" for flag, rows in table["flags"].items()]
        rows = f"{table['rows_in']:>6} rows in, {table['rows_out']:>6} out"
        click.echo(f"{name:<32} {rows}  {', '.join(marks)}".rstrip())
    click.echo(f"built in {manifest['seconds']} s; data/processed/manifest.json")
    return None


@data.command("list")
@json_option
def data_list(as_json: bool) -> None:
    """List every table with what a row is, coverage and licence."""
    from analysis.inventory import catalogue

    tables = catalogue()
    short = ["name", "kind", "row", "first", "last", "rows"]
    print_table(tables if as_json else tables[short], as_json)


@data.command("show")
@click.argument("name")
@json_option
def data_show(name: str, as_json: bool) -> None:
    """Show a table's sources, definition, coverage, last value and columns."""
    from analysis.cleaning.build import describe_table

    shown = describe_table(name)
    if as_json:
        return print_json(shown)
    for key in ("title", "description", "row", "coverage", "last value", "vintage", "citation"):
        if shown.get(key):
            value = shown[key]
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
            click.echo(f"{key + ':':<14}{text}")
    for key in ("licenses", "sources", "built_from", "known_faults", "corrections", "flags"):
        for item in shown.get(key, []):
            text = item if isinstance(item, str) else "; ".join(map(str, item.values()))
            click.echo(f"{key + ':':<14}{text}")
    click.echo("columns:")
    for column in shown["columns"]:
        click.echo(
            f"  {column['name']:<24}{column['type']:<11}{column['unit'] or '':<30}"
            f"{column['description']}"
        )
    return None


@data.command("export")
@click.argument("name")
@click.option(
    "--to",
    "file",
    type=click.Path(path_type=Path),
    required=True,
    help="A .csv, .parquet or .xlsx file.",
)
def data_export(name: str, file: Path) -> None:
    """Write a built table with its dictionary as CSV, Parquet or XLSX."""
    from analysis.cleaning.export import export_table

    for path in export_table(name, file):
        click.echo(str(path))


@data.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@json_option
def data_check(file: Path, as_format: str | None, as_json: bool) -> None:
    """Read an official file and say what is wrong, by row and column; change nothing."""
    from analysis.official.take import check_file

    found = check_file(file, as_format=as_format)
    if as_json:
        print_json(found)
    else:
        for table in found.get("tables", [found]):
            _print_file(table)
    raise SystemExit(_has_errors(found))


@data.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option
@click.option("--crime", default="", help="Only this crime (subtype); others are set aside.")
@click.option(
    "--accept-faults", is_flag=True, help="Use files with errors, or that lack figures in use."
)
@json_option
def data_import(
    files: tuple[Path, ...], as_format: str | None, crime: str, accept_faults: bool, as_json: bool
) -> None:
    """Take official files in as one vintage: all of them or nothing."""
    from analysis.official.take import import_files

    def tell(text: str) -> None:
        click.echo(text, err=True)

    taken = import_files(
        list(files), as_format=as_format, crime=crime, accept_faults=accept_faults, tell=tell
    )
    if as_json:
        print_json(taken)
    elif taken["unchanged"]:
        click.echo(f"nothing new: these files are in force since {taken['taken']}")
    else:
        for file in taken["files"]:
            _print_file(file)
        for name, change in taken["raw"].items():
            cells = ", ".join(f"{count:,} {kind}" for kind, count in change["cells"].items())
            click.echo(f"{name}: figures {cells}")
            for correction in change["withdrawn"]:
                click.echo(f"{name}: repaired upstream, no longer corrected: {correction}")
    for name, reason in taken["held_back"].items():
        click.echo(
            f"error: {name} was held back and stays as it was: {reason}. Get a sound file, or use "
            "this one with --accept-faults",
            err=True,
        )
    click.echo(f"vintage {taken['id']}", err=as_json)
    raise SystemExit(int(bool(taken["held_back"]) or any(map(_has_errors, taken["files"]))))


@data.command("fetch")
@click.argument("sources", nargs=-1)
@json_option
def data_fetch(sources: tuple[str, ...], as_json: bool) -> None:
    """Download official files into data/downloads; a bad one never replaces a good one.

    Without SOURCE it lists what there is: files by name, or all of a table.
    """
    from analysis.official.addresses import fetch_sources, list_addresses

    if not sources:
        columns = ["name", "table", "path", "page", "note"]
        return print_table(_frame(list_addresses().values(), columns), as_json)
    outcomes = fetch_sources(list(sources), tell=lambda text: click.echo(text, err=True))
    if as_json:
        print_json({"files": outcomes})
    else:
        for item in outcomes:
            click.echo(f"{item['status']:<10}{item['name']:<28}{item['error'] or item['path']}")
    raise SystemExit(int(any(item["status"] in ("failed", "by hand") for item in outcomes)))


def _frame(rows: Iterable[dict[str, Any]], columns: list[str]) -> Any:
    import pandas as pd

    return pd.DataFrame(list(rows)).reindex(columns=columns)


def _print_file(found: dict[str, Any]) -> None:
    """Print what a file is, where its rows and figures went, and what was found in it."""
    packed = "" if found["packed"] in ("plain", "workbook") else f", {found['packed']}"
    click.echo(f"{found['file']}: {found['format']}, {found['encoding']}{packed}")
    for name, part in found["account"].items():
        aside = [f"{part['out']:,.15g} out", f"{part['rejected']:,.15g} rejected"]
        aside += [f"{count:,.15g} {reason}" for reason, count in part["aside"].items() if count]
        click.echo(f"  {name + ':':<9}{part['in']:,.15g} in = {' + '.join(aside)}")
    for item in found["findings"]:
        place = [f"row {item['row']}"] if item["row"] else []
        place += [item["column"]] if item["column"] else []
        where = f" ({', '.join(place)})" if place else ""
        click.echo(
            f"  {item['level']}: {item['kind']}{where}: found {item['found']}; expected "
            f"{item['expected']}. {item['fix']}"
        )
    count = Counter(item["level"] for item in found["findings"])
    click.echo("  " + (", ".join(f"{n} {level}s" for level, n in count.items()) or "no findings"))


def _has_errors(found: dict[str, Any]) -> int:
    return int(any(item["level"] == "error" for item in found["findings"]))
