"""The marks that flagged figures carry on every page, and what they mean."""

from analysis.modelling.result import Note
from analysis.reporting.text import translate as _

MARKS = {
    "guards_corrected": (
        "†",
        Note("Guard figure corrected: three states carried each other's figures"),
    ),
    "guards_stale": ("≈", Note("Guard figure repeated from an earlier month in every state")),
    "guards_break": ("‡", Note("Guard figure includes command and specialised units: a break")),
    "sesnsp_missing": ("×", Note("SESNSP reported nothing: missing, not zero")),
    "sesnsp_filled": ("+", Note("missing SESNSP cells filled by the INEGI count")),
    "sesnsp_press": ("§", Note("SESNSP total from the press, not from the data file")),
    "sesnsp_preliminary": ("p", Note("preliminary figure")),
    "inegi_incomplete": (
        "◦",
        Note("INEGI's monthly table holds less than 97.5% of the official total"),
    ),
    "inegi_truncated": (
        "◁",
        Note("last year of INEGI's monthly table: later registrations absent"),
    ),
    "inegi_preliminary": ("p", Note("preliminary figure")),
}

# How settled a figure is, or where an event is on record, as the raw tables say it.
STATUS = {
    "final": Note("final"),
    "preliminary": Note("preliminary"),
    "plan": Note("plan"),
    "computed": Note("computed from published tables"),
    "as kept": Note("World Bank as kept, date of consultation not recorded"),
    "living register": Note("living register"),
    "living register; 2025 to 1 May": Note("living register, read from a chart"),
    **dict.fromkeys(("press-report", "press_report"), Note("press report")),
    "gazette": Note("gazette"),
    "public record": Note("public record"),
    "document": Note("document"),
}

# Verdicts on claims: symbol and colour of the palette; the word always stands beside them.
VERDICT_MARKS = {
    "": ("!", "rising"),
    "contradicted": ("✗", "rising"),
    "superseded by a revision": ("↻", "inegi"),
    "ambiguous": ("◐", "sesnsp"),
    "confirmed approximately": ("≈", "guard"),
    "confirmed": ("✓", "guard"),
    "no data": ("∅", "muted"),
    "not testable": ("–", "muted"),
}


def explain(flag: str) -> str:
    """Say what a flag means, in the language in use.

    Examples
    --------
    >>> explain("sesnsp_missing")
    'SESNSP reported nothing: missing, not zero'
    """
    return _(MARKS[flag][1])


def marked(text: str, flags: str, prefix: str) -> str:
    """Write a figure with the marks of those flags that concern its source.

    Examples
    --------
    >>> marked("18,404", "sesnsp_filled;inegi_incomplete", "sesnsp")
    '18,404 +'
    """
    marks = [MARKS[flag][0] for flag in flags.split(";") if flag.startswith(prefix)]
    return " ".join([text, *marks]) if text != "–" else text


def legend(flags: str) -> dict[str, str]:
    """Give the meaning of each mark that a text of flags asks for.

    Examples
    --------
    >>> legend("sesnsp_missing")
    {'×': 'SESNSP reported nothing: missing, not zero'}
    """
    names = sorted({*flags.split(";")} - {""})
    return {MARKS[name][0]: explain(name) for name in names}
