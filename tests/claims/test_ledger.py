"""A ledger is read whole or refused with every fault's line, key and what was expected."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.claims.ledger import begin_ledger, default_ledger, read_ledger
from analysis.claims.shape import LedgerError, bounds
from analysis.claims.verdicts import check_claims
from analysis.errors import RequestError
from analysis.sources import raw_path

GOOD = """
document: {title: A document}
claims:
  - id: a1
    says: homicides in 2023
    value: 31,062
    unit: deaths
    period: 2023
    measure: homicides_total(source=inegi, vintage=preliminary, from=2023, to=2023)
"""


@pytest.fixture
def ledger(tmp_path):
    """Write a ledger's text and read it."""

    def read(text):
        path = tmp_path / "ledger.yml"
        path.write_text(text, "utf-8")
        return read_ledger(path)

    return read


def refused(ledger, text):
    with pytest.raises(LedgerError) as error:
        ledger(text)
    return str(error.value)


def test_our_ledger_holds_every_claim_of_the_document_as_it_is_printed():
    with raw_path("paper_claims").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    claims = read_ledger().claims
    assert len(claims) == len(rows) == 70
    for claim, row in zip(claims, rows, strict=True):
        said = (claim.id, claim.section, claim.says, claim.value, claim.unit, claim.period)
        keys = ("id", "section", "subject", "claimed", "unit", "period")
        assert said == tuple(row[key] for key in keys)
        assert claim.qualifier == row["qualifier"]


def test_every_claim_has_a_measure_or_a_reason():
    for claim in read_ledger().claims:
        assert bool(claim.measure) + bool(claim.no_data) + bool(claim.not_testable) == 1


def test_a_ledger_is_read_as_written(ledger):
    [claim] = ledger(GOOD).claims
    assert (claim.value, claim.line, claim.unit) == ("31,062", 9, "deaths")
    assert claim.printed().value == 31062


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("31,062", "many", 'line 6: value: "many" is not a number'),
        ("31,062", "3,10,62", "is not a number"),
        ("31,062", "1e5", "is not a number"),
        ("31,062", ".nan", "is not a number"),
        ("homicides_total(", "homicide_total(", "line 9: measure: unknown measure"),
        ("homicides_total(", "homicide_total(", "did you mean homicides_total"),
        ("source=inegi", "source=press", 'unknown value of source "press"'),
        ("source=inegi", "sorce=inegi", 'unknown parameter "sorce"; did you mean source'),
        ("from=2023, ", "", "homicides_total needs from"),
        ("from=2023", "from=soon", '"soon" is not a month'),
        ("to=2023)", "to=2023", "is not a measure; write name(argument=value"),
        ("to=2023)", "to=2023, to=2022)", "gives to twice"),
        ("source=inegi", "__import__('os')", "is not a measure"),
        ("unit: deaths", "unit: percent", 'unit is "percent"; homicides_total gives deaths'),
        ("period: 2023", "period: 2023-13", 'line 8: period: "2023-13" is not a period'),
        ("period: 2023", "period: 2023/2020", "ends before it begins"),
        ("id: a1", "id: a 1", 'line 4: id: "a 1" is not an id'),
        ("id: a1", "id:", "the claim lacks id"),
        ("says:", "said:", 'unknown key "said"; did you mean'),
        ("period: 2023", "period: 2023\n    period: 2024", "stands twice"),
        ("period: 2023", "qualifier: roughly", 'unknown qualifier "roughly"'),
        ("period: 2023", "period: 2019", "the claim is of 2019, the measure of 2023 to 2023"),
        ("period: 2023", "period: 2018-12/2018-06", "ends before it begins"),
        ("period: 2023", "qualifier: record high", "says nothing of a number in deaths"),
        ("31,062", "31.062", "is no whole number; thousands are separated by a comma"),
        ("31,062", "32253-32252", "ends before it begins"),
        ("31,062", "٣١", "is not a number"),
        ("31,062", "9" * 400, "is not a number"),
        ("unit: deaths", "unit: d", 'unit is "d"'),
        ("unit: deaths", "unit: deaths of women", 'unit is "deaths of women"'),
        ("document: {title: A document}", "document: {own_figures: ['']}", "not nothing"),
        ("document: {title: A document}", "document: {published: someday}", '"someday" is not a'),
        (
            "period: 2023",
            "beside: ['survey(indicator=reported, year=2023)']",
            "survey gives percent",
        ),
        ("period: 2023", "tolerance: wide", '"wide" is not a tolerance'),
        ("period: 2023", "state: Guanjuato", "nearest: Guanajuato"),
        ("period: 2023", "no_data: none", "one of measure, no_data, not_testable; got measure"),
        ("period: 2023", "beside: [rows()]", "rows needs table"),
        ("period: 2023", "beside: rows(table=states)", "expected a list"),
        ("value: 31,062\n    unit: deaths", "value: 3\n    unit: trend", "has no number"),
        ("value: 31,062\n    unit: deaths", "unit: trend", "says one of increasing, decreasing"),
        ("says: homicides", 'says: "\\e[2Jhomicides', None),
        ("claims:", "claim:", 'unknown key "claim"; did you mean claims'),
        ("document: {title: A document}", "document: [", "not valid YAML"),
    ],
)
def test_bad_input_names_line_and_key_and_what_was_expected(ledger, old, new, said):
    assert old in GOOD
    message = refused(ledger, GOOD.replace(old, new, 1))
    assert message.startswith("ledger.yml")
    assert said is None or said in message


def test_all_faults_are_told_at_once(ledger):
    message = refused(
        ledger, GOOD.replace("31,062", "many").replace("period: 2023", "period: later")
    )
    assert "(2 faults)" in message


def test_a_repeated_id_names_both_lines(ledger):
    again = GOOD + GOOD[GOOD.index("  - id") :]
    assert 'line 10: id: "a1" is already a claim, see line 9' in refused(ledger, again)


@pytest.mark.parametrize(
    "text", ["", "[]", "claims: []", "document: x\nclaims: 3", "a: &a [*a]", "[" * 3000]
)
def test_what_is_no_ledger_at_all(ledger, text):
    refused(ledger, text)


def test_a_file_that_is_not_text_or_not_there(tmp_path):
    (tmp_path / "picture.yml").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(LedgerError, match="not a text file in UTF-8"):
        read_ledger(tmp_path / "picture.yml")
    with pytest.raises(LedgerError, match="begins one"):
        read_ledger(tmp_path / "none.yml")
    with pytest.raises(LedgerError):
        read_ledger(tmp_path)


@pytest.mark.parametrize("name", ["c99", "c3"])
def test_a_claim_on_a_claim_needs_one_with_a_number(ledger, name):
    text = GOOD.replace(
        "homicides_total(source=inegi, vintage=preliminary, from=2023, to=2023)", f"sum_of({name})"
    )
    text += "  - {id: c3, says: s, unit: judgement, not_testable: no number}\n"
    assert name in refused(ledger, text)


@pytest.mark.parametrize(
    ("printed", "low", "high"),
    [
        ("74", 73.5, 74.5),
        ("2.5", 2.45, 2.55),
        ("60.7", 60.65, 60.75),
        ("60.70", 60.695, 60.705),
        ("31,062", 31061.5, 31062.5),
        ("18-29", 18, 29),
        ("-0.6", -0.65, -0.55),
    ],
)
def test_tolerance_is_the_precision_of_the_print(printed, low, high):
    assert bounds(printed) == pytest.approx((low, high), abs=1e-12)


@given(st.decimals(0, 10**7, places=2))
def test_a_number_lies_within_what_it_prints(number):
    for digits in (0, 1, 2):
        low, high = bounds(f"{number:.{digits}f}")
        assert low - 1e-6 <= float(number) <= high + 1e-6


def test_a_new_ledger_works_as_it_is_and_is_not_written_over(tmp_path):
    path = begin_ledger(tmp_path / "mine.yml")
    verdicts = check_claims(read_ledger(path))
    assert len({item.verdict for item in verdicts}) >= 4
    assert not any(item.error for item in verdicts)
    with pytest.raises(RequestError, match="already there"):
        begin_ledger(path)


def test_the_project_has_one_ledger_of_its_own():
    assert default_ledger().name == "ieee-79-2024.yml"


def test_a_claim_that_rests_on_itself_is_refused(ledger):
    text = GOOD.replace(
        "homicides_total(source=inegi, vintage=preliminary, from=2023, to=2023)", "sum_of(b)"
    )
    text += "  - {id: b, says: s, value: 1, unit: deaths, measure: sum_of(a1)}\n"
    message = refused(ledger, text)
    assert "claim a1 would rest on itself" in message and "claim b would" in message


def test_claims_of_two_units_are_not_added(ledger):
    text = GOOD + (
        "  - {id: b, says: s, value: 3, unit: percent, no_data: none}\n"
        "  - {id: c, says: s, value: 9, unit: deaths, measure: 'sum_of(a1, b)'}\n"
    )
    with pytest.raises(LedgerError, match="line 11: measure: sum_of adds claims of one unit"):
        check_claims(ledger(text))


def test_rounding_of_the_parts_of_a_sum_is_allowed_for(ledger):
    parts = "".join(
        f"  - {{id: p{n}, says: s, value: 33.3, unit: x, no_data: none}}\n" for n in "123"
    )
    text = "document: {}\nclaims:\n" + parts
    for total, verdict in (("100.0", "confirmed"), ("100.3", "contradicted")):
        line = f"  - {{id: t, says: s, value: {total}, unit: x, measure: 'sum_of(p1, p2, p3)'}}\n"
        assert check_claims(ledger(text + line))[-1].verdict == verdict
