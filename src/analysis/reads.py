"""What a process has read, so that a report knows what it rests on.

Whoever opens a table notes it here: by name, and by state where only its rows were asked for.
"""

from typing import NamedTuple


class Read(NamedTuple):
    """One thing that was read.

    ``kind`` is ``table`` (as built), ``raw`` (a file as found), ``about`` (a descriptor),
    ``official`` or ``file``; ``part`` is the code of a state, or empty for all of it.
    """

    kind: str
    name: str
    part: str = ""


_reads: set[Read] = set()


def note_read(kind: str, name: str, part: str = "") -> None:
    """Note that something was read."""
    _reads.add(Read(kind, name, part))


def list_reads() -> list[Read]:
    """Give what was read in this process so far; all of a thing covers its parts.

    Examples
    --------
    >>> note_read("table", "panel", "11")
    >>> note_read("table", "panel")
    >>> [read for read in list_reads() if read.name == "panel"]
    [Read(kind='table', name='panel', part='')]
    """
    return sorted(
        read for read in _reads if not read.part or Read(read.kind, read.name) not in _reads
    )
