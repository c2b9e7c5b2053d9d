"""Measure the same reports by the papermill and nbconvert commands and by ``analysis run``.

Both ways run side by side in one go, in turn, on copies of nothing: the notebooks of this
checkout, into a temporary folder. What is printed are ratios of the medians.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
REPORTS = {"national": {}, "guard": {}, "state": {"state": "Guanajuato"}}
ROUNDS = 3


def timed(*commands: list[str]) -> float:
    """Give the seconds that commands take one after the other; all must succeed."""
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def plain(folder: str) -> list[list[str]]:
    """Give the plain commands: papermill, then nbconvert, for each report."""
    commands = []
    for name, parameters in REPORTS.items():
        done = f"{folder}/{name}.ipynb"
        given = [part for pair in parameters.items() for part in ("-p", *pair)]
        papermill = [str(BIN / "papermill"), f"notebooks/{name}.ipynb", done, *given]
        commands += [papermill, [str(BIN / "jupyter"), "nbconvert", "--to", "html", done]]
    return commands


def main() -> None:
    """Print the ratio of plain commands to ``analysis run`` with one and with two jobs."""
    seconds: dict[str, list[float]] = {"plain": [], "jobs 1": [], "jobs 2": []}
    run = [str(BIN / "analysis"), "run", *REPORTS]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            seconds["plain"].append(timed(*plain(folder)))
            for jobs in ("1", "2"):
                seconds[f"jobs {jobs}"].append(timed([*run, "--jobs", jobs]))
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    for name, values in seconds.items():
        ratio = middle["plain"] / middle[name]
        print(
            f"{name:<8}{middle[name]:6.1f} s  {min(values):.1f} to {max(values):.1f}  x{ratio:.2f}"
        )


if __name__ == "__main__":
    main()
