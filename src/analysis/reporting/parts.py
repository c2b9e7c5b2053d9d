"""What a page is made of, before anything is shown: heads, main points, captions, cells."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caption:
    """The words of a figure or table: message title, measure, alternative text, notes.

    Examples
    --------
    >>> Caption("It falls", "Homicides a year, Colima", alt="A falling line.").notes
    ()
    """

    title: str
    subtitle: str
    alt: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Title:
    """The head of a report: title, question, data period, tables used, parameters in words.

    Examples
    --------
    >>> head = Title("Homicides", "How many?", "2015 to 2025", ("panel",), {"Source": "SESNSP"})
    >>> head.question
    'How many?'
    """

    title: str
    question: str
    period: str
    sources: tuple[str, ...]
    words: dict[str, str]


@dataclass(frozen=True)
class Point:
    """A main point: one sentence with its number, and the exhibit that shows it.

    Examples
    --------
    >>> Point("2,981 victims in July 2019.", target="rates").target
    'rates'
    """

    text: str
    target: str


@dataclass(frozen=True)
class Cells:
    """A table ready to read: labels, formatted text, which columns are numbers, marks.

    Examples
    --------
    >>> cells = Cells(["Month", "Victims"], [["July 2019", "2,981"]], [False, True], marks={})
    >>> cells.body[0][1]
    '2,981'
    """

    labels: list[str]
    body: list[list[str]]
    numbers: list[bool]
    marks: dict[str, str]
