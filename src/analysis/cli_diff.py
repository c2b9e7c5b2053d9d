"""The command that compares: two vintages of the data, or two runs of the reports."""

import json
from pathlib import Path
from typing import Any

import click

from analysis.cli_data import json_option, print_json, print_table

# So many revised cells of a table are printed.
SHOWN = 20


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--ledger", type=click.Path(path_type=Path), help="Claims to judge on both.")
@json_option
def diff(old: str, new: str, ledger: Path | None, as_json: bool) -> None:
    """Compare two vintages, cell by cell and verdict by verdict; or two runs, number by number.

    OLD and NEW are vintages (an id or the beginning of it, embedded, latest), folders of
    projects, or their data/raw; or folders of reports, for which pages are written into NEW.
    """
    runs = [(Path(folder) / "manifest.json").is_file() for folder in (old, new)]
    if all(runs):
        return _diff_runs(Path(old), Path(new), as_json)
    if any(runs):
        one, other = (old, new) if runs[0] else (new, old)
        raise click.UsageError(f"{one} is a folder of reports, {other} is none: no manifest.json")
    from analysis.claims.compare import compare_vintages
    from analysis.claims.ledger import default_ledger, read_ledger

    judged = ledger or (default_ledger() if default_ledger().is_file() else None)
    found = compare_vintages(read_ledger(judged) if judged else None, old, new)
    if as_json:
        rows = {key: _records(found[key]) for key in ("tables", "verdicts")}
        cells = {name: _records(part) for name, part in found["cells"].items()}
        print_json({"old": old, "new": new, **rows, "cells": cells, "errors": found["errors"]})
    else:
        _print_changes(found)
    if found["errors"]:
        click.echo("could not be evaluated:\n" + "\n".join(found["errors"]), err=True)
        raise SystemExit(1)
    return None


def _diff_runs(old: Path, new: Path, as_json: bool) -> None:
    from analysis.reporting.difference import compare_runs, write_difference

    found = compare_runs(old, new)
    page = write_difference(found, str(old), str(new), new)
    if as_json:
        return print_json({"reports": found["reports"], "moved": _records(found["moved"])})
    for slug, told in found["reports"].items():
        if told["status"] != "same" or told["why"]:
            why = f"; changed: {', '.join(told['why'][:5])}" if told["why"] else ""
            more = f" and {len(told['why']) - 5} more" if len(told["why"]) > 5 else ""
            click.echo(f"{slug}: {told['status']}, {told['moved']} numbers moved{why}{more}")
    count = sum(told["moved"] for told in found["reports"].values())
    click.echo(f"{count} numbers of {len(found['reports'])} reports moved; {page}")
    return None


def _records(frame: Any) -> list[dict[str, Any]]:
    return json.loads(frame.to_json(orient="records", date_format="iso"))


def _print_changes(found: dict[str, Any]) -> None:
    tables, verdicts = found["tables"], found["verdicts"]
    click.echo(f"{len(tables)} tables differ")
    if len(tables):
        print_table(tables, False)
    for name, cells in found["cells"].items():
        click.echo(f"{name}: {len(cells)} cells revised or gone")
        print_table(cells.head(SHOWN), False)
        if len(cells) > SHOWN:
            click.echo(f"{len(cells) - SHOWN} more; --json gives all")
    flipped = verdicts[verdicts["flipped"]]
    click.echo(f"{len(flipped)} verdicts flipped, {len(verdicts) - len(flipped)} numbers moved")
    for row in verdicts.itertuples():
        numbers = f"{_found(row.old_found)} to {_found(row.new_found)} {row.unit}"
        click.echo(f"{row.id}  {row.old_verdict} -> {row.new_verdict}: {row.says}: {numbers}")


def _found(value: float | None) -> str:
    return f"{value:,.10g}" if value is not None and value == value else "no figure"
