"""Measure the import of official files beside the usual pandas script, on files drawn here.

Each way runs as a process of its own, on the same file, in turn: what is printed are wall
seconds and the highest resident memory, and their ratios to the usual script's. The files are
synthetic, in the official layouts and sizes; ``--small`` draws a twentieth, for a quick try.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MONTHS = (
    *("Enero", "Febrero", "Marzo", "Abril", "Mayo", "Junio"),
    *("Julio", "Agosto", "Septiembre", "Octubre", "Noviembre", "Diciembre"),
)
YEARS = range(2000, 2025)
# Years of deaths published as CSV; those before as dBase.
AS_CSV = 2012
# The options with which ``analysis data import`` takes intentional homicides only.
HOMICIDE_ONLY = ("--crime", "Homicidio doloso")
# Bytes on disk that a death takes, and what the crimes take with all that is made of them.
DEATH = 180
CRIMES = 1.5e9


def usual_script(path: str, out: str, homicide_only: bool = False) -> None:
    """Make municipal crimes tidy as is usual: read, melt the months, sum, sort, write."""
    import pandas as pd

    frame = pd.read_csv(path, encoding="latin-1", thousands=",")
    if homicide_only:
        frame = frame[frame["Subtipo de delito"] == "Homicidio doloso"]
    keys = ["Año", "Cve. Municipio", "Tipo de delito", "Subtipo de delito"]
    long = frame.melt(keys, list(MONTHS), var_name="mes", value_name="carpetas")
    number = long["mes"].map({name: number for number, name in enumerate(MONTHS, 1)})
    parts = {"year": long["Año"], "month": number, "day": 1}
    long["month"] = pd.to_datetime(pd.DataFrame(parts))
    keys = ["Cve. Municipio", "month", "Tipo de delito", "Subtipo de delito"]
    sums = long.dropna(subset=["carpetas"]).groupby(keys, as_index=False)["carpetas"].sum()
    sums.sort_values(keys).to_parquet(out, index=False)


def frugal_script(path: str, out: str) -> None:
    """Do the same with care for memory: sum the wide rows first, and stack the months then."""
    import pandas as pd

    columns = ["Año", "Cve. Municipio", "Tipo de delito", "Subtipo de delito"]
    frame = pd.read_csv(path, encoding="latin-1", thousands=",", usecols=[*columns, *MONTHS])
    wide = frame.groupby(columns)[list(MONTHS)].sum(min_count=1)
    wide.columns = range(1, 13)
    sums = wide.stack().dropna().rename("carpetas").rename_axis([*columns, "number"]).reset_index()
    parts = {"year": sums["Año"], "month": sums["number"], "day": 1}
    sums["month"] = pd.to_datetime(pd.DataFrame(parts))
    keys = ["Cve. Municipio", "month", "Tipo de delito", "Subtipo de delito"]
    sums[[*keys, "carpetas"]].sort_values(keys).to_parquet(out, index=False)


def draw_crimes(path: str, municipalities: int) -> None:
    """Draw the municipal file."""
    from tests.official.generators import write_municipal_files

    write_municipal_files(Path(path), municipalities=municipalities)


def draw_deaths(folder: str, deaths: int) -> None:
    """Draw a file of deaths for each year."""
    from tests.official.generators import write_mortality_csv, write_mortality_dbf

    for year in YEARS:
        if year >= AS_CSV:
            path = Path(folder) / f"defunciones_registradas_{year}.csv"
            write_mortality_csv(path, year=year, deaths=deaths, seed=year)
        else:
            path = Path(folder) / f"DEFUN{year % 100:02d}.dbf"
            write_mortality_dbf(path, year=year, deaths=deaths, seed=year)


def measure(argv: list[str], cwd: Path = ROOT) -> tuple[float, int]:
    """Run a command; give its wall seconds and the highest resident bytes of its processes.

    A process counts what its parent held at the fork: this one imports nothing large.
    """
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(argv, cwd=cwd, stdout=said, stderr=subprocess.STDOUT)
        __, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise subprocess.CalledProcessError(process.returncode, argv, said.read())
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * unit


def call(function: str, *arguments: object) -> list[str]:
    """Give the command that runs a function of this module in a process of its own."""
    text = ", ".join(map(repr, arguments))
    code = f"import sys; sys.path[:0] = {[str(ROOT)]}; import bench.official as b; "
    return [sys.executable, "-c", f"{code}b.{function}({text})"]


def measure_import(*files: Path, options: tuple[str, ...] = ()) -> tuple[float, int]:
    """Measure one ``analysis data import`` of files in a project that holds the raw tables."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "data" / "raw", Path(folder) / "data" / "raw")
        paths = [str(file) for file in files]
        command = [sys.executable, "-m", "analysis", "data", "import", *paths, *options]
        return measure(command, cwd=Path(folder))


def row(name: str, result: tuple[float, int], usual: tuple[float, int] | None) -> None:
    """Print seconds and memory, and the ratios of the usual script's to them."""
    seconds, peak = result
    ratios = f"   x{usual[0] / seconds:<6.2f} x{usual[1] / peak:.2f}" if usual else ""
    print(f"{name:<34}{seconds:8.1f} s{peak / 2**30:8.2f} GiB{ratios}", flush=True)


def attempt(
    name: str, task: Callable[[], tuple[float, int]], usual: tuple[float, int] | None = None
) -> tuple[float, int] | None:
    """Measure and print; when the command fails, print what it said last."""
    try:
        result = task()
    except subprocess.CalledProcessError as error:
        last = error.output.decode("utf-8", "replace").strip().splitlines()[-1:]
        print(f"{name:<34}  failed: {' '.join(last)[:200]}", flush=True)
        return None
    row(name, result, usual)
    return result


def compare_crimes(folder: Path, municipalities: int) -> None:
    """Print the ways to read the municipal file of all crimes, side by side."""
    path, out = folder / "IDM.csv", folder / "tidy.parquet"
    measure(call("draw_crimes", str(path), municipalities))
    size = path.stat().st_size / 1e6
    print(f"municipal crimes, {size:.0f} MB; ratios to pandas with as many crimes")
    given = (str(path), str(out))
    usual = attempt("pandas, all crimes (melt)", lambda: measure(call("usual_script", *given)))
    attempt("pandas, frugal", lambda: measure(call("frugal_script", *given)), usual)
    only = attempt("pandas, homicide only", lambda: measure(call("usual_script", *given, True)))
    attempt("import, all crimes", lambda: measure_import(path), usual)
    if HOMICIDE_ONLY:
        attempt("import, homicide only", lambda: measure_import(path, options=HOMICIDE_ONLY), only)


def measure_deaths(folder: Path, deaths: int) -> None:
    """Print what the import of all years of deaths takes in one command."""
    measure(call("draw_deaths", str(folder), deaths))
    files = sorted(folder.iterdir())
    size = sum(file.stat().st_size for file in files) / 1e9
    print(f"deaths, {len(files)} years of {deaths:,} rows, {size:.1f} GB, in one command")
    attempt("import, all years", lambda: measure_import(*files))


def room(folder: Path, needed: float) -> bool:
    """Tell whether a folder's disk has room; say so when it has not."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        print(
            f"not measured: {needed / 1e9:.1f} GB of disk are needed in {folder}, "
            f"{free / 1e9:.1f} GB are free; set TMPDIR to another disk, or try --small"
        )
    return free >= needed


def main() -> None:
    """Draw files and print the measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a twentieth of the sizes")
    parser.add_argument("--only", choices=("crimes", "deaths"), help="one of the two")
    asked = parser.parse_args()
    share = 20 if asked.small else 1
    if asked.only != "deaths":
        with tempfile.TemporaryDirectory() as folder:
            if room(Path(folder), CRIMES / share):
                compare_crimes(Path(folder), 2467 // share)
    if asked.only != "crimes":
        with tempfile.TemporaryDirectory() as folder:
            deaths = 800_000 // share
            if room(Path(folder), 1.5 * DEATH * deaths * len(YEARS)):
                measure_deaths(Path(folder), deaths)


if __name__ == "__main__":
    main()
