"""The workers of a Dask cluster: how they are reached, and what they must be like to be used."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import analysis
from analysis.errors import AnalysisError
from analysis.files import hash_code, hash_file

if TYPE_CHECKING:
    from distributed import Client

LOCK = "requirements.lock"
# Seconds until a scheduler must answer.
ANSWER = 10
CALLED = {"python": "Python", "lock": LOCK, "code": "the code of the package"}


class ClusterError(AnalysisError):
    """A cluster can not be reached, or has no worker that may be used."""


@contextmanager
def connect(address: str) -> Iterator["Client"]:
    """Be a client of a scheduler; for an address ``tls://`` as Dask's own configuration says.

    Raises
    ------
    ClusterError
        When it does not answer, or speaks TLS and no certificates are named.
    """
    import dask.config
    from distributed import Client

    if address.startswith("tls:") and not dask.config.get("distributed.comm.tls.ca-file"):
        raise ClusterError(
            f"{address} speaks TLS, and no certificates are named here; expected them in Dask's "
            "configuration, such as DASK_DISTRIBUTED__COMM__TLS__CA_FILE: see docs/cluster.md, "
            "Security"
        )
    try:
        client = Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError) as error:
        raise ClusterError(
            f"no scheduler answers at {address} ({type(error).__name__}: {error}); expected the "
            "address that dask scheduler prints when it starts, such as tcp://10.0.0.5:8786"
        ) from error
    try:
        yield client
    finally:
        with suppress(OSError):
            client.close(timeout=ANSWER)


@cache
def identify() -> dict[str, str]:
    """Say what this process computes with: Python, SHA-256 of the checkout's lock and of the code.

    It is what the process began with: one whose code has changed since must be started again.

    Examples
    --------
    >>> sorted(identify())
    ['code', 'lock', 'python']
    """
    lock = Path(analysis.__file__).parents[2] / LOCK
    return {
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "lock": hash_file(lock) if lock.is_file() else "missing",
        "code": hash_code(),
    }


def tell_apart(own: dict[str, str], other: dict[str, str]) -> str:
    """Say in what another process is different; nothing where it is not.

    Examples
    --------
    >>> tell_apart({"python": "3.11", "lock": "aa"}, {"python": "3.11", "lock": "bb"})
    'requirements.lock is bb, here aa'
    """
    return "; ".join(
        f"{CALLED[key]} is {other.get(key, 'unknown')[:12]}, here {value[:12]}"
        for key, value in own.items()
        if other.get(key) != value
    )
