"""One address into one file: within limits, again after a fault, on from where it was cut.

`Transfer` is what pooch calls for the bytes, its documented way to be extended: pooch's own has
neither a ceiling nor an end to patience, follows a redirect out of TLS, and starts from nothing.
"""

import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from urllib3 import Retry
from urllib3.exceptions import HTTPError, InvalidHeader

from analysis.errors import DataError, RequestError
from analysis.files import written_beside
from analysis.official.https import (
    REDIRECTS,
    open_session,
    read_validator,
    say_reason,
    within,
)

CHUNK = 2**16
CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
ARCHIVES = (b"PK", b"\x1f\x8b")


@dataclass(frozen=True)
class Limits:
    """How long to wait, how much to take, how often to try.

    ``connect`` and ``read`` are seconds without an answer, ``total`` those for one file with all
    tries and waits; ``most`` is in bytes; a server that over ``read`` seconds sends less than
    ``slowest`` bytes a second counts as silent; ``asked`` are the seconds for which a server may
    ask to be left alone.

    Raises
    ------
    RequestError
        When one is not more than zero.
    """

    connect: float = 15
    read: float = 60
    total: float = 4 * 3600
    most: int = 2 * 2**30
    tries: int = 5
    slowest: float = 1000
    asked: float = 300

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise RequestError(f"the limit {name} is {value}; expected more than 0")


class _PassingError(Exception):
    """A fault that may be gone at the next try, after ``seconds`` if that is known."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.seconds = seconds


@dataclass
class Transfer:
    """A downloader for `pooch.retrieve`.

    The bytes gather in ``part``, and beside it stands what is needed to go on after an
    interruption: the address, and what the server says to tell one state of the file from
    another. Without the latter a part is never continued, since two states would be spliced.

    Parameters
    ----------
    part : pathlib.Path
        Where the bytes gather.
    limits : Limits
        Times, sizes, tries.
    wait : callable
        Takes seconds; between two tries.
    tell : callable
        Takes a line for the user.
    verify : pathlib.Path, optional
        The authorities to trust, in place of the usual ones.
    known : str
        What the server said of the file that is in place: only another one is asked for.
    checked : bool
        Whether a checksum will be compared, so that a cut file can not pass for a whole one.
    validator : str
        What the server said of the file that came.
    unchanged : bool
        Whether the server said that the file in place is still its own; then nothing came.
    """

    part: Path
    limits: Limits
    wait: Callable[[float], None]
    tell: Callable[[str], None]
    verify: Path | None = None
    known: str = ""
    checked: bool = False
    validator: str = ""
    unchanged: bool = False

    @property
    def notes(self) -> Path:
        """Where the state of the part is written down."""
        return self.part.with_name(f"{self.part.name}.json")

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Download the address into the file.

        Raises
        ------
        DataError
            When it can not be had whole, over TLS and within the limits.
        """
        ends = time.monotonic() + self.limits.total
        try:
            with open_session() as session:
                for number in range(1, self.limits.tries + 1):
                    try:
                        self._try(session, url, ends)
                        break
                    except _PassingError as error:
                        self._pause(number, error, ends)
        except BaseException:
            if not self.notes.is_file():
                self.part.unlink(missing_ok=True)
            raise
        if not self.unchanged:
            self.part.replace(output_file)
            self.notes.unlink(missing_ok=True)

    def _pause(self, number: int, error: _PassingError, ends: float) -> None:
        """Wait before the next try, longer each time, or give up."""
        if number >= self.limits.tries:
            raise DataError(f"{error}; tried {number} times. Try again later") from error
        seconds = 2.0**number if error.seconds is None else error.seconds
        if time.monotonic() + seconds > ends:
            raise self._too_long() from error
        self.tell(f"{error}; try {number + 1} of {self.limits.tries} in {seconds:g} s")
        if seconds:
            self.wait(seconds)

    def _try(self, session: requests.Session, url: str, ends: float) -> None:
        held, notes = self._held(url)
        times = (self.limits.connect, self.limits.read)
        ask = {"headers": self._conditions(held, notes), "timeout": times, "stream": True}
        verify = self.verify and str(self.verify)
        try:
            with session.get(url, verify=verify, **ask) as answer:  # type: ignore[arg-type]
                self.unchanged = answer.status_code == 304 and bool(self.known) and not held
                if not self.unchanged:
                    start, whole = self._start(answer, held, notes)
                    self._receive(answer, start, whole, url, ends)
        except (requests.RequestException, HTTPError, ValueError) as error:
            raise _explain(error) from error

    def _held(self, url: str) -> tuple[int, dict[str, Any]]:
        """Give the bytes that an earlier try left of this address, and what is known of them."""
        try:
            notes = json.loads(self.notes.read_text("utf-8"))
            size = self.part.stat().st_size
        except (OSError, ValueError):
            return 0, {}
        return (size, notes) if notes.get("address") == url and notes.get("validator") else (0, {})

    def _conditions(self, held: int, notes: dict[str, Any]) -> dict[str, str]:
        if held:
            return {"Range": f"bytes={held}-", "If-Range": notes["validator"]}
        if self.known:
            tag = self.known.startswith('"')
            return {"If-None-Match" if tag else "If-Modified-Since": self.known}
        return {}

    def _start(
        self, answer: requests.Response, held: int, notes: dict[str, Any]
    ) -> tuple[int, int | None]:
        """Say from which byte on the answer holds the file, and how large that is."""
        status = answer.status_code
        packed = answer.headers.get("Content-Encoding", "identity") != "identity"
        if status == 200:
            self.validator = "" if packed else read_validator(answer.headers)
            return 0, None if packed else answer.raw.length_remaining
        if held and status in (206, 416):
            found = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            same = read_validator(answer.headers) in ("", notes["validator"]) and not packed
            size = int(found[2]) if found and found[2] != "*" else notes.get("size")
            if status == 206 and found and int(found[1]) == held and same:
                self.validator = notes["validator"]
                if size == (notes.get("size") or size):
                    return held, size
            self._forget()
            raise _PassingError("what the server offers does not fit the part that is here", 0)
        said = f"the server answered {status} {answer.reason}"
        if status == 429 or status >= 500:
            raise _PassingError(said, self._asked(answer, said))
        raise DataError(f"{said}: the file has moved, or is not for programs")

    def _asked(self, answer: requests.Response, said: str) -> float | None:
        """Read for how long the server asks to be left alone."""
        try:
            seconds = Retry().parse_retry_after(answer.headers.get("Retry-After", ""))
        except (InvalidHeader, ValueError, OverflowError):
            return None
        if seconds > self.limits.asked:
            raise DataError(f"{said} and asks to wait {seconds:,.0f} s; run it again then")
        return seconds

    def _receive(
        self, answer: requests.Response, start: int, whole: int | None, url: str, ends: float
    ) -> None:
        """Append the body to the part, and see whether it is all of it."""
        if (whole or 0) > self.limits.most:
            raise self._too_large(f"the server announces {whole:,} bytes")
        told = answer.raw.chunked or answer.raw.length_remaining is not None
        if not start:
            self._forget()
        with self.part.open("ab" if start else "wb") as out:
            if not start and self.validator:
                notes = {"address": url, "validator": self.validator, "size": whole}
                with written_beside(self.notes) as path:
                    path.write_text(json.dumps(notes), "utf-8")
            try:
                with within(ends - time.monotonic(), answer.raw.shutdown):
                    size = self._copy(answer, out, start)
            except TimeoutError as error:
                raise self._too_long() from error
            os.fsync(out.fileno())
        if whole is not None and size != whole:
            raise _PassingError(f"{size:,} of {whole:,} bytes came")
        if not (told or whole or self.checked or self._is_archive()):
            self._forget()
            raise DataError(
                "the server does not say how long the file is, so that a cut one can not be told "
                "from the whole. Record its checksum if you have the file"
            )

    def _copy(self, answer: requests.Response, out: Any, size: int) -> int:
        since, mark = size, time.monotonic()
        # What is there, at once: waiting for a full buffer would let a drip go on for ever.
        while chunk := answer.raw.read1(CHUNK, decode_content=True):
            size += len(chunk)
            if size > self.limits.most:
                raise self._too_large("the server sends more than it may")
            out.write(chunk)
            # Into the system's hands, where it outlives this process.
            out.flush()
            now = time.monotonic()
            if now - mark > self.limits.read:
                if size - since < self.limits.slowest * (now - mark):
                    raise _PassingError("the server hardly sends anything")
                since, mark = size, now
        return size

    def _forget(self) -> None:
        # The notes first: without them no part is ever continued.
        self.notes.unlink(missing_ok=True)
        self.part.unlink(missing_ok=True)

    def _is_archive(self) -> bool:
        with self.part.open("rb") as file:
            return file.read(4).startswith(ARCHIVES)

    def _too_large(self, what: str) -> DataError:
        self._forget()
        most = f"{self.limits.most:,} bytes"
        return DataError(f"{what}; at most {most} are taken, and no official file has more")

    def _too_long(self) -> DataError:
        return DataError(f"not done within {self.limits.total:,.0f} s; try again at a better hour")


def _explain(error: Exception) -> Exception:
    """Tell the faults that pass from those that do not, in words for people."""
    reason = say_reason(error)
    if isinstance(error, requests.exceptions.InvalidSchema):
        return DataError(
            f"{reason}: the address, or where it leads, is without TLS, and anybody on the way "
            "could change the file. Only https is taken; find the address under https"
        )
    if isinstance(error, requests.TooManyRedirects):
        return DataError(f"more than {REDIRECTS} redirects: the file has moved")
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return DataError(
            f"the server can not prove who it is ({reason}). Nothing was taken; if your network "
            "has an authority of its own, name its file in REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, ValueError):
        return DataError(f"{reason}; correct the address")
    return _PassingError(f"the transfer failed ({reason})")
