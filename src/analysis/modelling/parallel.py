"""Tasks given to the workers of a Dask cluster; done here, one by one, where there is none.

A worker gets tasks only when Python, lock and code of its checkout are those of this process. A
task is at one worker at a time and is given to another when that one dies.
"""

import logging
import math
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.bars import follow
from analysis.modelling.workers import ClusterError, connect, identify, tell_apart

if TYPE_CHECKING:
    from distributed import Client

# Names the scheduler; without it nothing leaves this process.
VARIABLE = "ANALYSIS_SCHEDULER"
# Seconds between two looks at which workers there are.
LOOK = 0.5
# Seconds that a cluster may be without a worker, or without one that is as this process.
GRACE = 30
# Seconds until the result of a task that has ended must be here.
ARRIVAL = 120


class WorkerDiedError(ClusterError):
    """Every worker that was given a task died."""


class Outcome(NamedTuple):
    """What came of a task: its number, and its result or its error."""

    number: int
    result: Any = None
    error: Exception | None = None


def map_each(function: Callable, items: Iterable, *common: Any, words: str = "tasks") -> list:
    """Call a function for each item, on the cluster that ``ANALYSIS_SCHEDULER`` names, if any.

    Parameters
    ----------
    function : callable
        Of a module of this package; called with an item and the common values. It must depend on
        nothing else, so that it gives the same anywhere.
    items : iterable
        What is different from call to call.
    common : values
        What is the same in all calls.
    words : str
        What a bar calls the items, where somebody looks on.

    Returns
    -------
    list
        The results in the order of the items.

    Raises
    ------
    ClusterError
        When the scheduler does not answer, or no worker is as this process.

    Examples
    --------
    >>> map_each(pow, [3, 1, 2], 2)
    [9, 1, 4]
    """
    address = os.environ.get(VARIABLE)
    if not address:
        return [function(item, *common) for item in follow([*items], words)]
    # Whatever it says would stand in a notebook.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    tasks = [(item, *common) for item in items]
    results: dict[int, Any] = {}
    with connect(address) as client:
        outcomes = Spread(client, address).run(function, tasks)
        for outcome in follow(outcomes, words, total=len(tasks)):
            if outcome.error:
                raise outcome.error
            results[outcome.number] = outcome.result
    return [results[number] for number in range(len(tasks))]


class Spread:
    """Tasks on the workers of a cluster, as many at a worker as it has threads.

    Parameters
    ----------
    client : distributed.Client
        From `connect`.
    address : str
        That of the scheduler, for messages.
    prepare : callable, optional
        Called with a worker's address before it gets its first task.
    refuse : callable
        Called with address and reason of each worker that gets no task.
    lack : callable
        Called once when the cluster has had no worker for a while.
    begin : callable
        Called with a task's number and how many workers have died with it, when it is given out.
    """

    def __init__(
        self,
        client: "Client",
        address: str,
        *,
        prepare: Callable[[str], None] | None = None,
        refuse: Callable[[str, str], None] = lambda worker, why: None,
        lack: Callable[[], None] = lambda: None,
        begin: Callable[[int, int], None] = lambda number, deaths: None,
    ) -> None:
        self.client, self.address = client, address
        self.prepare, self.refuse, self.lack, self.begin = prepare, refuse, lack, begin
        # Threads of each worker there is; what is at each that may be used; why others may not.
        self.threads: dict[str, int] = {}
        self.at: dict[str, set[int]] = {}
        self.refused: dict[str, str] = {}
        self.known: set[str] = set()
        self.running: dict[int, Any] = {}
        self.deaths: Counter[int] = Counter()
        self.heard: SimpleQueue[tuple] = SimpleQueue()
        self.looked = self.used = 0.0
        self.patient_until = time.monotonic() + GRACE

    def run(self, function: Callable, tasks: list[tuple]) -> Iterator[Outcome]:
        """Call a function with each task's arguments; give what came of it, first come first.

        Raises
        ------
        ClusterError
            When the scheduler is gone, or every worker there is was refused.
        """
        waiting, left = deque(range(len(tasks))), len(tasks)
        try:
            while left:
                outcomes = [*self._look(waiting)]
                self._give(function, tasks, waiting)
                outcomes += self._hear(waiting)
                left -= len(outcomes)
                yield from outcomes
        finally:
            # Without its scheduler a client has nothing to cancel.
            with suppress(Exception):
                self.client.cancel([*self.running.values()], force=True)

    def _look(self, waiting: deque[int]) -> Iterator[Outcome]:
        """See which workers have come and gone, from time to time."""
        if (now := time.monotonic()) < self.looked + LOOK:
            return
        self.looked = now
        if self.client.status != "running":
            raise self._lost()
        try:
            self.threads = self.client.nthreads()
        except OSError as error:
            raise self._lost() from error
        for address in self.threads.keys() - self.known:
            self.known.add(address)
            # Nobody waits for one that does not answer.
            Thread(target=self._ask, args=(address,), daemon=True).start()
        self.known &= self.threads.keys()
        self.refused = {name: why for name, why in self.refused.items() if name in self.known}
        for address in self.at.keys() - self.threads.keys():
            for number in self.at.pop(address):
                yield from self._after_death(number, address, waiting)
        if self.at:
            self.used, self.patient_until = now, now + GRACE
        elif self.refused and self.refused.keys() == self.known and now > self.used + GRACE:
            raise self._none_left()
        elif not self.known and now > self.patient_until:
            self.patient_until = math.inf
            self.lack()

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"the scheduler at {self.address} is gone; what was finished is "
            "kept: start it again and run the same command"
        )

    def _none_left(self) -> ClusterError:
        worker, why = next(iter(self.refused.items()))
        return ClusterError(
            f"none of the {len(self.refused)} workers may be used, because they would not compute "
            f"the same; {worker}: {why}. Bring the workers to this checkout (the same commit, "
            "then make reports there, which installs the lock) and start them again"
        )

    def _ask(self, address: str) -> None:
        """Ask a worker what it is, and prepare it."""
        try:
            found = self.client.run(identify, workers=[address], on_error="return").get(address)
            if isinstance(found, dict):
                why = tell_apart(identify(), found)
            else:
                why = f"it can not say what code it has ({type(found).__name__}: {found})"
            if not why and self.prepare:
                self.prepare(address)
        except Exception as error:
            why = f"it can not be made ready ({type(error).__name__}: {error})"
        # One that died meanwhile is not to blame, and a client that was closed has no scheduler.
        with suppress(OSError, AttributeError):
            if not why or address in self.client.nthreads():
                self.heard.put((address, why))

    def _give(self, function: Callable, tasks: list[tuple], waiting: deque[int]) -> None:
        """Give waiting tasks to workers that have a thread to spare."""
        while waiting and self.at:
            spare = {name: self.threads[name] - len(held) for name, held in self.at.items()}
            address = max(spare, key=lambda name: spare[name])
            if spare[address] < 1:
                return
            number = waiting.popleft()
            self.at[address].add(number)
            future = self.client.submit(
                function,
                *tasks[number],
                key=f"analysis-{self.client.id}-{number}-{self.deaths[number]}",
                workers=[address],
                allow_other_workers=False,
                pure=False,
            )
            self.running[number] = future
            self.begin(number, self.deaths[number])
            future.add_done_callback(lambda done, number=number: self.heard.put((number, done)))

    def _hear(self, waiting: deque[int]) -> Iterator[Outcome]:
        """Take in that a worker has answered or a task has ended, when one has."""
        try:
            which, told = self.heard.get(timeout=LOOK)
        except Empty:
            return
        if isinstance(which, str):
            if which not in self.known:
                return
            if not told:
                self.at[which] = set()
            else:
                self.refused[which] = told
                self.refuse(which, told)
        elif self.running.get(which) is told:
            yield from self._take(which, told, waiting)

    def _take(self, number: int, future: Any, waiting: deque[int]) -> Iterator[Outcome]:
        """Take the result of a task that has ended, which may be lost with its worker."""
        address = next((name for name, held in self.at.items() if number in held), "")
        if future.status == "error":
            outcome = Outcome(number, error=future.exception(timeout=ARRIVAL))
        else:
            try:
                outcome = Outcome(number, future.result(timeout=ARRIVAL))
            except Exception:
                if self.client.status != "running":
                    raise self._lost() from None
                self.at.get(address, set()).discard(number)
                yield from self._after_death(number, address, waiting)
                return
        self.at.get(address, set()).discard(number)
        del self.running[number]
        yield outcome

    def _after_death(self, number: int, address: str, waiting: deque[int]) -> Iterator[Outcome]:
        """Have a task run again, unless too many workers have died with it."""
        import dask.config

        with suppress(OSError):
            self.client.cancel([self.running.pop(number)], force=True)
        self.deaths[number] += 1
        if self.deaths[number] > int(dask.config.get("distributed.scheduler.allowed-failures")):
            died = WorkerDiedError(
                f"the worker that ran it died, {self.deaths[number]} times, the last at {address}; "
                "it may need more memory than a worker has: see the workers' logs"
            )
            yield Outcome(number, error=died)
        else:
            waiting.appendleft(number)
