"""Measure reports on a cluster of this machine, and simulate those of all municipalities on many.

Measured, in a temporary copy of the project: how long a worker takes to be ready, how long a
state's report takes there, what passes between its end and its page being in place, and what of
that keeps the calling process busy, which there is only one of. Simulated: 2,470 reports with times
drawn from the measured ones, given to whichever worker is free first (list scheduling); the range
holds 95 % of the simulated runs. There are no reports by municipality yet: a state's stands in.
"""

import analysis  # noqa: F401  (sets linear algebra to one thread before NumPy is imported)

# isort: split
import argparse
import heapq
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from analysis.geography import states
from analysis.reporting.notebooks import check_request
from analysis.reporting.remote import pack_inputs
from analysis.reporting.run import run_reports

ROOT = Path(__file__).resolve().parents[1]
MUNICIPALITIES = 2_470
WORKERS = (2, 16, 64, 256)


def measure(count: int, workers: int) -> dict[str, Any]:
    """Give measured seconds: until a worker is ready, of reports, around them, of the caller."""
    requests = [check_request("state", {"state": place.name}, "en") for place in states()[:count]]
    started: dict[str, float] = {}
    busy: list[float] = []
    ready: list[float] = []
    around: list[float] = []
    begun = time.perf_counter()

    def tell(event: dict[str, Any]) -> None:
        now = time.perf_counter()
        if event["event"] == "started":
            started[event["slug"]] = now
            if len(started) <= workers:
                ready.append(now - begun)
        if event["event"] == "finished":
            around.append(now - started[event["slug"]] - event["entry"]["seconds"])
            # Of the thread that puts pages into place; the cluster has others.
            busy.append(time.thread_time())

    entries = run_reports(requests, executor="dask", jobs=workers, force=True, tell=tell)
    if wrong := [entry["error"] for entry in entries if entry["error"]]:
        raise SystemExit(f"a report failed, nothing can be measured: {wrong[0]}")
    return {
        "ready": ready,
        "reports": [entry["seconds"] for entry in entries],
        "around": around,
        "caller": (busy[-1] - busy[0]) / (len(busy) - 1),
        "sent": len(pack_inputs(requests)),
    }


def simulate(measured: dict[str, Any], workers: int, rng: np.random.Generator) -> float:
    """Give the seconds from the command to the last page."""
    which = rng.integers(len(measured["reports"]), size=MUNICIPALITIES)
    seconds = np.add(measured["reports"], measured["around"])[which]
    free = list(rng.choice(measured["ready"], workers))
    heapq.heapify(free)
    ends = []
    for report in seconds:
        end = heapq.heappop(free) + report
        ends.append(end)
        heapq.heappush(free, end)
    # The calling process puts one page after the other into its place.
    caller = 0.0
    for end in sorted(ends):
        caller = max(caller, end) + measured["caller"]
    return caller


def main() -> None:
    """Print what was measured, and hours, core-hours and money by number of workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=8, help="state reports to measure (8)")
    parser.add_argument("--jobs", type=int, default=2, help="workers to measure with (2)")
    parser.add_argument("--draws", type=int, default=500, help="simulated runs (500)")
    parser.add_argument("--price", type=float, default=0.05, help="of a core-hour (0.05)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="analysis-bench-") as folder:
        for name in ("data/raw", "data/imported", "notebooks", "claims"):
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, Path(folder) / name)
        shutil.copy(ROOT / "requirements.lock", folder)
        os.chdir(folder)
        measured = measure(asked.reports, asked.jobs)
        os.chdir(ROOT)
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, {asked.jobs} workers, load {load:.1f} at the end")
    print(f"inputs of a worker   {measured['sent'] / 1e6:6.2f} MB")
    for name in ("ready", "reports", "around"):
        values = measured[name]
        print(f"{name:<20}{np.mean(values):7.2f} s  {min(values):.2f} to {max(values):.2f}")
    print(f"caller, a report    {measured['caller']:7.2f} s")
    rng = np.random.default_rng(1)
    print("\nworkers     hours (95 % range)        core-hours (95 % range)       money")
    for workers in WORKERS:
        runs = [simulate(measured, workers, rng) for _ in range(asked.draws)]
        low, middle, high = np.quantile(np.array(runs) / 3600, [0.025, 0.5, 0.975])
        hours = f"{middle:8.3f} ({low:.3f} to {high:.3f})"
        cores = f"{workers * middle:8.2f} ({workers * low:.2f} to {workers * high:.2f})"
        print(f"{workers:>7} {hours:<28}{cores:<30}{workers * middle * asked.price:.2f}")


if __name__ == "__main__":
    main()
