"""Speaking with the servers of official producers: over TLS or not at all, and not for ever."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime
from socket import SHUT_RDWR
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection

from analysis import __version__

REDIRECTS = 5
# A second change within the minute of the first could carry the same date (RFC 9110, 8.8.2.2).
SETTLED = timedelta(minutes=1)


@contextmanager
def within(seconds: float, end: Callable[[], object]) -> Iterator[None]:
    """End what goes on in the block when its time is up; a socket only times each byte.

    Raises
    ------
    TimeoutError
        When the time was up.
    """
    late = threading.Event()

    def stop() -> None:
        late.set()
        # It may have ended by itself in the same moment.
        with suppress(OSError, RuntimeError):
            end()

    timer = threading.Timer(max(seconds, 0), stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if late.is_set():
            raise TimeoutError("the time is up") from error
        raise
    finally:
        timer.cancel()
    if late.is_set():
        # What was cut can look like what is whole.
        raise TimeoutError("the time is up")


class _Connection(HTTPSConnection):
    """A connection whose headers are there in time as a whole."""

    def getresponse(self) -> Any:
        sock = self.sock
        with within(self.timeout or threading.TIMEOUT_MAX, lambda: sock.shutdown(SHUT_RDWR)):
            return super().getresponse()


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}


def open_session() -> requests.Session:
    """Open a session that has no way to speak but TLS, whoever redirects it where.

    Proxies and authorities are those of the environment, as everywhere with requests.
    """
    session = requests.Session()
    session.adapters.clear()
    session.mount("https://", _Adapter())
    session.max_redirects = REDIRECTS
    # Unpacked, so that lengths, parts and hashes are those of the file; and there are servers
    # that answer those who accept gzip with an empty one.
    session.headers.update(
        {
            "User-Agent": f"mexico-security-analysis/{__version__} python-requests",
            "Accept-Encoding": "identity",
        }
    )
    session.hooks["response"].append(_drop_redirect)
    return session


def _drop_redirect(response: requests.Response, **_: Any) -> None:
    # requests reads the body of a redirect to its end, wherever that is, before it follows.
    if response.is_redirect:
        response.close()


def read_validator(headers: Mapping[str, str]) -> str:
    """Give what tells one state of a file from another for certain, or nothing.

    That is a strong ``ETag``, else a ``Last-Modified`` well before the ``Date`` (RFC 9110, 8.8).

    Examples
    --------
    >>> read_validator({"ETag": '"a1"'}), read_validator({"ETag": 'W/"a1"'})
    ('"a1"', '')
    """
    tag = headers.get("ETag", "")
    if tag.startswith('"'):
        return tag
    try:
        changed = parsedate_to_datetime(headers.get("Last-Modified", ""))
        if parsedate_to_datetime(headers.get("Date", "")) - changed >= SETTLED:
            return headers["Last-Modified"]
    except (TypeError, ValueError):
        # One of the dates is missing or is none.
        pass
    return ""


def say_reason(error: BaseException) -> str:
    """Say what happened, which requests and urllib3 wrap several times.

    Examples
    --------
    >>> say_reason(requests.ConnectionError(OSError("Connection refused")))
    'Connection refused'
    """
    inner = [getattr(error, "reason", None), *error.args]
    cause = next((item for item in inner if isinstance(item, BaseException)), None)
    if cause:
        return say_reason(cause)
    # What stands before names a class of theirs and the server.
    return str(error).rpartition("): ")[2] or type(error).__name__
