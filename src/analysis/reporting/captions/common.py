"""Words that reports share."""

from analysis.errors import ReportError
from analysis.modelling.result import ModelResult, Note
from analysis.reporting.languages import current_language
from analysis.reporting.text import month, sentence
from analysis.reporting.text import translate as _
from analysis.sources import describe

# Seen from a page in reports/<language>/.
METHODS = "../../docs/methods.md"
CLAIMS = "../../docs/claims.md"
# The methods of each report in a paragraph.
PARAGRAPHS = {
    "national": Note(
        "Rates are homicides per 100,000 person-years. Rates by administration are Poisson "
        "means with Newey-West intervals; ratios compare equal calendar windows. State trends "
        "are negative binomial regressions on time and season with a Newey-West sandwich, "
        "pooled with random effects; many states are allowed for by Benjamini-Hochberg. The smooth "
        "trend is a penalised spline whose band holds the whole curve; the bend is found by deviance, the "
        "change at named dates by segmented Poisson regression beside placebo dates; what was to be expected "
        "and the forecasts are state-space models of the log rate, chosen by AIC and by their "
        "errors on the past."
    ),
    "guard": Note(
        "The elasticity is a Poisson pseudo-maximum-likelihood regression of monthly homicides "
        "on the log of guards per 100,000 inhabitants with state and month effects. It is judged by "
        "clustered errors, a jackknife by state, a wild bootstrap of scores and permutations of "
        "whole trajectories among states; lags, placebo leads, a negative control, state trends "
        "and 1,080 specifications stand beside it, with joint permutation. The turning point is "
        "the best single bend of a Poisson trend. Annual correlations have Fisher intervals."
    ),
    "state": Note(
        "Rates are homicides per 100,000 person-years. The trend is a negative binomial "
        "regression on time and season with a Newey-West sandwich; q-values allow for the 32 "
        "states. The smooth trend is a penalised spline whose band holds the whole curve. Rates of "
        "twelve months have exact Poisson intervals, shares Wilson intervals."
    ),
    "priority-areas": Note(
        "Deaths, investigation files and quoted counts are kept apart. Files of January to June are "
        "compared by their ratio with the exact interval of two Poisson counts and a wider one that "
        "scales the variance by the dispersion of months, pooled over the cities; q-values allow for "
        "ten cities. Yearly rates of states are homicides per 100,000 person-years with exact Poisson "
        "intervals. Dates, roles and strategies are compiled in own words, each with its reference."
    ),
    "context": Note(
        "Figures are shown as their sources print them, each at the middle of its period: nothing is "
        "estimated, filled or adjusted. A line joins figures of one source that cover equal "
        "months twelve months apart. A year counts as missing if it lies between the first and the last "
        "figure of a series without any; differences between vintages are in % of the released figure."
    ),
    "claims": Note(
        "A ledger states each claim with its number as printed and the measure that tests it. What "
        "the wording leaves open (source, vintage, years, definition) is computed under every value. "
        "A reading agrees when it rounds to the printed digits; near needs a stated tolerance or a "
        "word such as about. All readings agree: confirmed; none: contradicted; some: ambiguous; right "
        "with the preliminary and not with the final figure: superseded. Components are held against "
        "totals, daily figures against their total, rates against counts and populations."
    ),
}


def covered(table: str) -> tuple[str, str]:
    """Give the first and the last month that a table covers.

    Examples
    --------
    >>> covered("guard_strength_national"), covered("homicides_priority_cities")
    (('2019-06', '2025-12'), ('1990-01', '2025-11'))
    """
    coverage = describe(table)["coverage"]
    first, last = coverage["first"][:7], coverage["last"][:7]
    return first if "-" in first else f"{first}-01", last if "-" in last else f"{last}-12"


def last_months() -> dict[str, str]:
    """Give the last month of Guard, INEGI and SESNSP by state in words, and its year."""
    tables = {
        "guard": "guard_deployment_state_month",
        "inegi": "inegi_homicides_state_month",
        "sesnsp": "sesnsp_victims_state_month",
    }
    ends = {name: describe(table)["coverage"]["last"] for name, table in tables.items()}
    years = {f"{name}_year": text[:4] for name, text in ends.items()}
    return {name: month(text) for name, text in ends.items()} | years


def trend_notes(trend: ModelResult) -> tuple[str, ...]:
    """Say what a reader of trends must know: preliminary and truncated months, fallbacks."""
    ends = last_months()
    year = ends["sesnsp_year"]
    preliminary = _("The months of {year} are preliminary.").format(year=year)
    truncated = _("INEGI's last year lacks late registrations, so its trends fall too steeply.")
    notes = {"inegi": truncated, "sesnsp": preliminary}
    source = trend.parameters["source"]
    reaches = trend.period[1] >= ends[f"{source}_year"]
    return (*[notes[source]] * reaches, *model_notes(trend))


def model_notes(result: ModelResult) -> tuple[str, ...]:
    """Give a result's notes in the language of the page."""
    return tuple(sentence(note) for note in result.notes)


def say(**texts: str) -> str:
    """Choose a report's own text in the language of the page.

    Raises
    ------
    ReportError
        When it is not given in that language.

    Examples
    --------
    >>> say(en="rising", es="al alza")
    'rising'
    """
    lang = current_language()
    if lang not in texts:
        raise ReportError(f'say(...) has no text in {lang}; add {lang}="..." to it')
    return texts[lang]


def say_methods(report: str) -> tuple[str, str]:
    """Give the methods of a report in a paragraph and where the full text stands.

    Examples
    --------
    >>> say_methods("national")[1]
    '../../docs/methods.md'
    """
    return sentence(PARAGRAPHS[report]), CLAIMS if report == "claims" else METHODS
