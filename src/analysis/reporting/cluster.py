"""Reports made by the workers of a Dask cluster: inputs go there, pages and files come back."""

import hashlib
import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.modelling.parallel import Outcome, Spread
from analysis.modelling.workers import connect
from analysis.reporting.interrupts import undisturbed
from analysis.reporting.notebooks import Limits, Request
from analysis.reporting.remote import holds, make_there, pack_inputs, receive, unpack
from analysis.reporting.report import present_day

# Seconds until the processes of an embedded cluster must have ended.
CLOSING = 20
WORKERS = 2


def run_on_cluster(
    requests: list[Request],
    work: Path,
    *,
    scheduler: str = "",
    workers: int = WORKERS,
    limits: Limits | None = None,
    retries: int = 0,
    known: dict[tuple[str, str], dict[str, Any]] | None = None,
    tell: Callable[[dict[str, Any]], None] = lambda event: None,
) -> Generator[tuple[Request, dict[str, Any]]]:
    """Run reports on a cluster, and give each as soon as its files are in the work folder here.

    Parameters
    ----------
    requests : list of Request
        The reports.
    work : pathlib.Path
        A folder on the disk of the reports to write in.
    scheduler : str
        Address of a scheduler; without it there is a cluster on this machine for this run.
    workers : int
        Of that cluster on this machine.
    limits, retries, known
        As for `analysis.reporting.report.run_report`; ``known`` by slug and language.
    tell : callable
        Called with events: ``started`` and ``retry`` (a report again, after its worker or its
        kernel died) with ``slug, lang``; ``refused`` with ``worker`` and ``error``;
        ``waiting``, for a worker, with ``error``.

    Yields
    ------
    tuple
        The request and what `analysis.reporting.report.make_report` says of it.

    Raises
    ------
    analysis.modelling.workers.ClusterError
        When the scheduler does not answer or is lost, or every worker is refused.
    """
    archive = pack_inputs(requests)
    digest = hashlib.sha256(archive).hexdigest()
    started: dict[int, datetime] = {}

    def begin(number: int, deaths: int) -> None:
        request, again = requests[number], {"error": "the worker that ran it died"}
        started.setdefault(number, datetime.now(UTC))
        tell(request.event("retry", **again) if deaths else request.event("started"))

    with (
        nullcontext(scheduler) if scheduler else _embedded(workers) as address,
        connect(address) as client,
    ):

        def prepare(worker: str) -> None:
            if not client.run(holds, digest, workers=[worker])[worker]:
                client.run(receive, archive, digest, workers=[worker])

        def refuse(worker: str, why: str) -> None:
            tell({"event": "refused", "worker": worker, "error": why})

        def lack() -> None:
            why = f"the scheduler at {address} has no worker; start one: dask worker {address}"
            tell({"event": "waiting", "error": why})

        spread = Spread(client, address, prepare=prepare, refuse=refuse, lack=lack, begin=begin)
        today = present_day()
        tasks = [
            (digest, request, limits, retries, _basis(request, known or {}), today)
            for request in requests
        ]
        for outcome in spread.run(make_there, tasks):
            request = requests[outcome.number]
            made = _bring(outcome, work, started[outcome.number])
            for error in made.pop("again", []):
                tell(request.event("retry", error=error))
            yield request, made


def _basis(request: Request, known: dict[tuple[str, str], dict[str, Any]]) -> dict[str, Any]:
    """Give what a page's date follows from."""
    entry = known.get(request.key, {})
    return {key: entry.get(key) for key in ("seal", "made")}


def _bring(outcome: Outcome, work: Path, started: datetime) -> dict[str, Any]:
    """Unpack what a worker has sent; where it sent nothing, say why."""
    if outcome.error is None:
        made, archive = outcome.result
        unpack(archive, work)
        return made
    return {
        "error": f"{type(outcome.error).__name__}: {outcome.error}",
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - started).total_seconds(), 2),
        "ordinary": "",
    }


@contextmanager
def _embedded(workers: int) -> Iterator[str]:
    """Keep a cluster on this machine; give the address of its scheduler."""
    from distributed import LocalCluster

    with TemporaryDirectory(prefix="analysis-", ignore_cleanup_errors=True) as folder:
        # Its processes have that from their beginning: Ctrl-C is for the one that closes them.
        with undisturbed():
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                local_directory=folder,
                silence_logs=logging.CRITICAL,
            )
        try:
            yield cluster.scheduler_address
        finally:
            with undisturbed():
                cluster.close(timeout=CLOSING)
