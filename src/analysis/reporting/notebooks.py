"""The notebooks: which reports there are, their parameters, and what a request may ask."""

import ast
import json
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from analysis.errors import ReportError, RequestError, unknown
from analysis.files import written_beside
from analysis.geography import find_state, states
from analysis.parameters import check_period, convert, mean
from analysis.reporting.languages import languages
from analysis.sources import root

# Of the outputs that are a report's exhibits.
MIME = "application/vnd.analysis+json"
KINDS = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Request:
    """One report to run: notebook, checked parameters, language, and the others it is made in."""

    report: str
    lang: str
    parameters: dict[str, Any] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """The report's name on disk, for example ``state-guanajuato``."""
        state, ledger = (self.parameters.get(name) for name in ("state", "ledger"))
        if ledger:
            return f"{self.report}-{re.sub(r'[^a-z0-9]+', '-', Path(ledger).stem.lower())}"
        return f"{self.report}-{find_state(state).slug}" if state else self.report

    @property
    def key(self) -> tuple[str, str]:
        """What tells the report from all others of a run."""
        return self.slug, self.lang

    def event(self, event: str, **told: Any) -> dict[str, Any]:
        """Give what a run tells of this report."""
        return {"event": event, "slug": self.slug, "lang": self.lang, **told}

    @property
    def command(self) -> str:
        """The command that makes this report again."""
        given = [f"-p {name}={_quoted(value)}" for name, value in self.parameters.items()]
        return " ".join(["analysis run", self.report, *given, f"--lang {self.lang}"])


@dataclass(frozen=True)
class Limits:
    """Seconds that a report, and each of its cells, may take; zero is no limit."""

    report: float = 0
    cell: int = 0


def _quoted(value: Any) -> str:
    text = str(value)
    return text if re.fullmatch(r"[\w.,-]+", text) else "'" + text.replace("'", "'\\''") + "'"


def list_reports() -> list[str]:
    """Give the names of all reports: the notebooks in ``notebooks/``."""
    return sorted(path.stem for path in (root() / "notebooks").glob("*.ipynb"))


def begin_report(name: str) -> Path:
    """Write a notebook to start a report from, which already renders, and give its path.

    Raises
    ------
    RequestError
        When the name can not be one of a report, or there is one of that name.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise RequestError(
            f'"{name}" can not be the name of a report; expected small letters, digits and single '
            "hyphens, for example guard-and-roads"
        )
    path = root() / "notebooks" / f"{name}.ipynb"
    if path.exists():
        raise RequestError(f"notebooks/{path.name} is already there; choose another name")
    text = Path(__file__).with_name("new.ipynb").read_text("utf-8")
    with written_beside(path) as part:
        part.write_text(text.replace("NAME", name), "utf-8")
    return path


def read_defaults(report: str) -> dict[str, tuple[type, Any]]:
    """Read a notebook's parameters: name to kind and default, the language left out.

    Raises
    ------
    RequestError
        When there is no such report.
    ReportError
        When the notebook can not be read, or a parameter has no annotation of a plain kind.
    """
    if report not in list_reports():
        raise unknown("report", report, list_reports())
    path = root() / "notebooks" / f"{report}.ipynb"
    read = dict(_read_parameters(path, path.stat().st_mtime_ns))
    read.pop("lang", None)
    return read


@cache
def _read_parameters(path: Path, changed: int) -> dict[str, tuple[type, Any]]:
    """Read the cell with the parameters, as a plain text: nothing is imported or run for it."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        asked = (cell for cell in cells if "parameters" in cell["metadata"].get("tags", []))
        lines = ast.parse("".join(next(asked, {"source": ""})["source"])).body
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        raise ReportError(
            f"notebooks/{path.name} can not be read ({error}); open and save it in JupyterLab, "
            "or restore it"
        ) from error
    read = {}
    for line in lines:
        name = ast.unparse(line.target if isinstance(line, ast.AnnAssign) else line)
        kind = KINDS.get(ast.unparse(line.annotation)) if isinstance(line, ast.AnnAssign) else None
        try:
            read[name] = (kind or str, ast.literal_eval(line.value))  # type: ignore[attr-defined]
        except (ValueError, AttributeError):
            kind = None
        if kind is None:
            raise ReportError(
                f"notebooks/{path.name}: parameter {name} needs a kind ({', '.join(KINDS)}), "
                "written as: name: kind = value  # help"
            )
    return {name: (kind, convert(name, default, kind)) for name, (kind, default) in read.items()}


def check_request(report: str, given: dict[str, Any], lang: str) -> Request:
    """Check a request before anything runs, and give it with its parameters in one spelling.

    Raises
    ------
    RequestError
        For an unknown report, language or parameter, a wrong kind, an unknown state, a period
        outside the data, or a ledger that is none.
    """
    if lang not in languages():
        raise unknown("language", lang, languages())
    defaults = read_defaults(report)
    for name in given:
        if name not in defaults:
            raise unknown(f"parameter of report {report}", name, defaults)
    values = {name: default for name, (_, default) in defaults.items()}
    values |= {name: convert(name, value, defaults[name][0]) for name, value in given.items()}
    values = {name: mean(name, value) for name, value in values.items()}
    if "start" in values:
        check_period(values["start"], values.get("end"), values.get("source", "sesnsp"))
    if "state" in values and not values["state"]:
        raise RequestError(f"report {report} needs a state, for example -p state=Guanajuato")
    if given.get("ledger"):
        from analysis.claims.ledger import read_ledger

        read_ledger(root() / values["ledger"])
    changed = {
        name: value
        for name, value in values.items()
        if name == "state" or value != defaults[name][1]
    }
    return Request(report, lang, changed)


def list_requests(
    reports: list[str], given: dict[str, Any], langs: list[str], *, every: bool = False
) -> list[Request]:
    """Give the requests of a run: the named reports, or all of them with every state.

    Raises
    ------
    RequestError
        When nothing is asked for, or a single request is wrong (see `check_request`).
    """
    names = list_reports() if every else reports
    if not names:
        raise RequestError(f"name a report ({', '.join(list_reports())}) or use --all")
    requests = []
    # A report's second language comes later, when the results of its models are there.
    for lang, name in product(langs, names):
        each_state = every and "state" in read_defaults(name) and "state" not in given
        places = [{"state": place.name} for place in states()] if each_state else [{}]
        requests += [check_request(name, {**given, **place}, lang) for place in places]
    return list({request.key: request for request in requests}.values())
