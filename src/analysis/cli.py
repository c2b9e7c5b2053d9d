"""The command line: read the request, call, choose the exit code."""

import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from analysis import __version__
from analysis.cli_data import data, json_option, print_json, print_table
from analysis.cli_diff import diff


class Pairs(click.ParamType):
    """A parameter written ``key=value``."""

    name = "key=value"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, str]:
        """Split at the first equals sign."""
        key, sign, text = value.partition("=")
        if not key or not sign:
            self.fail(f'"{value}" is not key=value, for example state=Guanajuato', param, ctx)
        return key, text


def _once(context: click.Context, option: click.Parameter, pairs: tuple) -> dict[str, str]:
    """Refuse a parameter that is given twice: one of the two would be lost."""
    if twice := [name for name, n in Counter(name for name, _ in pairs).items() if n > 1]:
        raise click.BadParameter(f"{', '.join(twice)} is given twice; give each once")
    return dict(pairs)


parameter_option = click.option(
    "-p",
    "parameters",
    type=Pairs(),
    multiple=True,
    callback=_once,
    help="A parameter, for example -p state=GTO.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="analysis")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """An open, reproducible evidence base on insecurity in Mexico."""


cli.add_command(data)
cli.add_command(diff)


@cli.command()
@click.argument("model", required=False)
@parameter_option
@click.option("--list", "show_list", is_flag=True, help="List the models and their parameters.")
@json_option
def fit(model: str | None, parameters: dict, show_list: bool, as_json: bool) -> None:
    """Run one model and print its tidy table."""
    from analysis import models

    if show_list or model is None:
        return print_table(models.list_models(), as_json)
    result = models.run_model(model, parameters)
    if as_json:
        return print_json(result.to_dict())
    print_table(result.tidy().dropna(axis="columns", how="all"), False)
    period = " to ".join(result.period)
    click.echo(
        f"\n{result.formula}\n{result.observations} observations, {result.states} states, "
        f"{period}; {result.inference}\nestimate: {result.unit}"
    )
    for note in result.notes:
        click.echo(f"note: {note}")
    return None


@cli.command()
@click.argument("ledger", required=False, type=click.Path(path_type=Path))
@click.option("--only", metavar="VERDICT", help="Only claims with this verdict.")
@click.option("--list", "show_list", is_flag=True, help="List the measures a claim can name.")
@click.option("--new", is_flag=True, help="Write a commented ledger to start from.")
@json_option
def claims(
    ledger: Path | None, only: str | None, show_list: bool, new: bool, as_json: bool
) -> None:
    """Judge every claim of a ledger: of a file, or of the project's own."""
    from analysis.claims.ledger import begin_ledger, read_ledger
    from analysis.claims.metrics import list_measures
    from analysis.claims.verdicts import check_claims, match_verdict

    if show_list:
        return print_table(list_measures(), as_json)
    if new:
        path = str(begin_ledger(ledger))
        return print_json({"ledger": path}) if as_json else click.echo(path)
    wanted = None if only is None else match_verdict(only)
    read = read_ledger(ledger)
    verdicts = check_claims(read)
    chosen = [item for item in verdicts if wanted in (None, item.verdict)]
    if as_json:
        print_json({"ledger": str(read.path), "rows": [item.to_dict() for item in chosen]})
    else:
        _print_verdicts(chosen)
    if failed := [f"{item.claim.id}: {item.error}" for item in verdicts if item.error]:
        click.echo("could not be evaluated:\n" + "\n".join(failed), err=True)
        raise SystemExit(1)
    return None


def _print_verdicts(verdicts: list[Any]) -> None:
    """Print each claim with its rule, and how many have each verdict."""
    for item in verdicts:
        claim = item.claim
        said = " ".join(filter(None, [claim.qualifier, claim.value, claim.unit]))
        click.echo(f"{claim.id}  {item.verdict or 'not evaluated'}: {claim.says}: {said}")
        notes = item.shown.found.notes if item.shown else ()
        for line in filter(None, [item.rule, item.aside, *notes]):
            click.echo(f"    {line}")
    count = Counter(item.verdict or "not evaluated" for item in verdicts)
    tally = ", ".join(f"{n} {name}" for name, n in count.items()) or "none has this verdict"
    click.echo(f"{len(verdicts)} claims: {tally}")


@cli.command()
@click.argument("reports", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every report, and every state.")
@parameter_option
@click.option("--lang", default="en", show_default=True, help="en, or both for every language.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1), help="At a time.")
@click.option("--force", is_flag=True, help="Also what is up to date.")
@click.option("--timeout", default=0.0, type=click.FloatRange(0), help="Seconds for a report.")
@click.option("--cell-timeout", default=0, type=click.IntRange(0), help="Seconds for a cell.")
@click.option("--retries", default=0, type=click.IntRange(0), help="After what can pass.")
@click.option(
    "--executor",
    default="local",
    show_default=True,
    type=click.Choice(["local", "dask"]),
    help="Here, or on a Dask cluster.",
)
@click.option("--scheduler", default="", metavar="ADDRESS", help="Of a cluster that runs already.")
@json_option
def run(
    reports: tuple,
    every: bool,
    parameters: dict,
    lang: str,
    jobs: int,
    force: bool,
    timeout: float,
    cell_timeout: int,
    retries: int,
    executor: Any,
    scheduler: str,
    as_json: bool,
) -> None:
    """Run notebooks into reports; what is up to date stands."""
    from analysis.reporting.languages import languages
    from analysis.reporting.notebooks import list_requests
    from analysis.reporting.progress import Progress
    from analysis.reporting.run import Limits, reports_folder, run_reports

    langs = languages() if lang == "both" else [lang]
    requests = list_requests(list(reports), parameters, langs, every=every)
    progress = Progress(len(requests), as_json=as_json)
    try:
        with progress:
            entries = run_reports(
                requests,
                jobs=jobs,
                force=force,
                limits=Limits(timeout, cell_timeout),
                retries=retries,
                executor=executor,
                scheduler=scheduler,
                tell=progress.tell,
            )
    finally:
        if as_json:
            print_json({"runs": progress.entries})
    if not as_json:
        click.echo(str(reports_folder() / "index.html"))
    raise SystemExit(int(any(entry["error"] for entry in entries)))


@cli.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--timeout", default=0.0, type=click.FloatRange(0), help="Seconds for a report.")
@json_option
def verify(path: Path, timeout: float, as_json: bool) -> None:
    """Run a page's report again from its seal and compare every number; PATH may be a folder."""
    from analysis.errors import RequestError
    from analysis.reporting.notebooks import Limits
    from analysis.reporting.verify import find_pages, verify_page

    found, pages = [], find_pages(path)
    for page in pages:
        try:
            found.append(verify_page(page, limits=Limits(timeout)))
        except RequestError as error:
            if len(pages) == 1:
                raise
            # One that is no page of a report does not keep the others from being verified.
            found.append({"page": str(page), "same": False, "differences": [str(error)]})
        same = "same" if found[-1]["same"] else "differs"
        click.echo(f"{same:<8}{page}", err=as_json)
        for difference in found[-1]["differences"]:
            click.echo(f"  {difference}", err=as_json)
    if as_json:
        print_json({"pages": found})
    raise SystemExit(int(not all(page["same"] for page in found)))


@cli.command()
@click.argument("name")
@json_option
def new(name: str, as_json: bool) -> None:
    """Begin a report of your own: a notebook in notebooks/ that already renders."""
    from analysis.reporting.notebooks import begin_report

    path = str(begin_report(name))
    if as_json:
        return print_json({"notebook": path})
    click.echo(f"{path}\nopen it:   make lab\nrender it: analysis run {name} --lang both")
    return None


@cli.command()
@click.option("--port", default=8000, show_default=True, help="Port on loopback.")
def serve(port: int) -> None:
    """Show the reports in a browser on loopback."""
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    from analysis.sources import root

    handler = partial(SimpleHTTPRequestHandler, directory=str(root() / "reports"))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        click.echo(f"http://127.0.0.1:{server.server_port}/index.html (stop with Ctrl-C)")
        server.serve_forever()


def main() -> None:
    """Run the command line: 0 done, 1 something failed, 2 a wrong request, 130 interrupted."""
    from analysis.errors import AnalysisError

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.exceptions.Abort:
        click.echo("interrupted; what was finished is kept", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (AnalysisError, OSError) as error:
        if "--debug" in sys.argv:
            raise
        click.echo(f"error: {error}", err=True)
        sys.exit(getattr(error, "exit_code", 1))
