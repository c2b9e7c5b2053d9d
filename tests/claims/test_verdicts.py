"""Verdicts on the document, each against a computation of its own from the raw files."""

import csv
import json
from pathlib import Path

import pytest

from analysis.claims.compare import compare_vintages
from analysis.claims.ledger import read_ledger
from analysis.claims.shape import LedgerError
from analysis.claims.verdicts import VERDICTS, check_claims, judge_claim, match_verdict
from analysis.errors import RequestError
from analysis.sources import raw_path, root

LEDGER = Path(__file__).parents[2] / "claims" / "ieee-79-2024.yml"


@pytest.fixture(scope="module")
def verdicts():
    return {item.claim.id: item for item in check_claims(read_ledger())}


def lines(table):
    """Give a raw file's lines as a reader sees them: number to row."""
    with raw_path(table).open(encoding="utf-8", newline="") as file:
        return dict(enumerate(csv.DictReader(file), 2))


def judge(tmp_path, **claim):
    """Judge one claim of a ledger of its own."""
    entry = {"id": "a1", "says": "s", "unit": "deaths", "period": 2023, **claim}
    path = tmp_path / "one.yml"
    text = json.dumps({"document": {"own_figures": ["Nobody"]}, "claims": [entry]})
    path.write_text(text, "utf-8")
    ledger = read_ledger(path)
    return judge_claim(ledger.claims[0], ledger)


INEGI_2023 = "homicides_total(source=inegi, vintage=final, from=2023, to=2023)"


@pytest.mark.parametrize(
    ("claim", "verdict", "found"),
    [
        ("c01", "no data", None),
        ("c03", "confirmed", 1),
        ("c04", "contradicted", 171085 / 1826),
        ("c05", "ambiguous", 10.06052222),
        ("c08", "confirmed approximately", 1.2),
        ("c11", "confirmed", 2019),
        ("c12", "ambiguous", 82747),
        ("c16", "confirmed", 53671 + 21170 + 7906),
        ("c20", "contradicted", 82747 - 40),
        ("c21", "ambiguous", 126203),
        ("c22", "confirmed", (126236 / 104240 - 1) * 100),
        ("c23", "ambiguous", (7895 / 11103 - 1) * 100),
        ("c24", "confirmed", (816 / 1560 - 1) * 100),
        ("c25", "not testable", None),
        ("c33", "confirmed", 2022),
        ("c34", "no data", (908 / 1629 - 1) * 100),
        ("c35", "superseded by a revision", 31062),
        ("c37", "no data", None),
        ("c58", "confirmed", 248502 / 8),
        ("c62", "contradicted", 7.339),
        ("c70", "not testable", None),
    ],
)
def test_what_must_come_out(verdicts, claim, verdict, found):
    assert verdicts[claim].verdict == verdict
    assert verdicts[claim].found == (None if found is None else pytest.approx(found))


def test_every_claim_has_one_of_the_verdicts_and_a_rule(verdicts):
    assert len(verdicts) == 70
    for item in verdicts.values():
        assert item.verdict in VERDICTS and str(item.rule).strip() and not item.error


def test_the_evidence_is_the_raw_lines_that_add_up_to_the_figure(verdicts):
    files = {}
    seen = 0
    for item in verdicts.values():
        for judged in item.readings:
            for piece in judged.reading.found.evidence if judged.reading.found else ():
                rows = files.setdefault(piece.table, lines(piece.table))
                numbers = [set(rows[line].values()) for line in piece.rows]
                assert all(numbers), "a line of the evidence is not in the file"
                sources = {rows[line].get("source", piece.source) for line in piece.rows}
                assert sources == {piece.source}
                seen += 1
    assert seen > 200


def test_sesnsp_readings_of_the_first_five_years_from_the_file_itself(verdicts):
    rows = lines("sesnsp_victims_state_month").values()
    inside = [row for row in rows if "2018-12" <= row["month"] <= "2023-11"]
    plain = sum(int(row["victims"]) for row in inside if row["crime"] == "intentional_homicide")
    femicide = sum(int(row["victims"]) for row in inside if row["crime"] == "femicide")
    found = {
        dict(item.reading.choice)["source"]: item.found.value
        for item in verdicts["c02"].readings
        if item.reading.found
        and dict(item.reading.choice)["years"] == "as_stated"
        and dict(item.reading.choice)["vintage"] == "final"
    }
    assert found == {"sesnsp": plain, "sesnsp_with_femicide": plain + femicide}
    bridge = {
        row["measure"]: float(row["value"])
        for row in lines("sesnsp_national_bridge").values()
        if row["period"] == "2018-12..2023-11"
    }
    assert plain == bridge["victims intentional homicide (sum)"]
    assert plain + femicide == bridge["victims intentional homicide + feminicide (sum)"]


def test_inegi_by_calendar_years_final_and_preliminary(verdicts):
    totals = {
        (row["year"], row["status"]): int(row["homicides"])
        for row in lines("inegi_homicides_national").values()
        if row["period"] == "year"
    }
    for vintage in ("final", "preliminary"):
        expected = sum(totals[str(year), vintage] for year in range(2019, 2024))
        found = {
            item.found.value
            for item in verdicts["c02"].readings
            if item.reading.found
            and dict(item.reading.choice)["vintage"] == vintage
            and dict(item.reading.choice)["source"] == "inegi"
        }
        assert found == {expected}


def test_a_figure_held_only_from_the_document_is_no_evidence_for_it(verdicts):
    assert [item.agreement for item in verdicts["c37"].readings if item.stated] == ["own"]
    assert "from the document alone" in str(verdicts["c37"].rule)
    assert "894 to 915" in str(verdicts["c37"].aside)


def test_a_plan_is_told_apart_from_a_count(verdicts):
    found = {
        item.reading.choice[0][1]: item.agreement
        for item in verdicts["c12"].readings
        if item.stated
    }
    assert found == {"planned": "yes", "deployed": "no"}
    assert "the plan of June 2019" in str(verdicts["c13"].rule)


def test_the_year_end_that_fits_is_named(verdicts):
    found = {item.found.label: item.agreement for item in verdicts["c21"].readings if item.stated}
    assert found == {"2023-12-31": "yes", "2024-12-31": "no"}


def test_the_guards_own_series_without_the_jump_stands_beside(verdicts):
    beside = [item for item in verdicts["c22"].readings if not item.stated and item.reading.found]
    assert -0.62 in [round(item.found.value, 2) for item in beside]
    assert "−0.62" in str(verdicts["c22"].aside)


def test_missing_cells_and_series_without_figures_are_told(verdicts):
    told = [
        note for item in verdicts["c58"].readings if item.reading.found for note in item.found.notes
    ]
    assert any("4 cells are missing" in note for note in told)
    lacking = [str(item.reading.reason) for item in verdicts["c24"].readings if item.reading.reason]
    assert any("ENVIPE households" in reason for reason in lacking)
    assert verdicts["c06"].to_dict()["notes"] or any(
        item["notes"] for item in verdicts["c06"].to_dict()["alternatives"]
    )


def test_evidence_is_dated(verdicts):
    for item in verdicts.values():
        for judged in item.readings:
            for piece in judged.reading.found.evidence if judged.reading.found else ():
                if piece.table != "states":
                    assert piece.date[:4].isdigit(), (item.claim.id, piece)


def test_what_the_wording_leaves_open_is_evaluated_and_so_is_what_it_does_not(verdicts):
    stated = [item for item in verdicts["c35"].readings if item.stated]
    beside = [item for item in verdicts["c35"].readings if not item.stated and item.reading.found]
    assert len(stated) == 1
    assert {dict(item.reading.choice)["source"] for item in beside} == {
        "sesnsp",
        "sesnsp_with_femicide",
        "inegi",
    }


def test_pairs_of_count_and_rate_against_population(verdicts):
    readings = {item.found.label: item.found for item in verdicts["c57"].readings}
    population = sum(
        int(row["population"])
        for row in lines("conapo_population_state_year").values()
        if row["year"] == "2023" and row["cve_ent"] == "02"
    )
    exposure = population * 365 / 365.25
    assert readings["Baja California"].value == pytest.approx(
        (1 - 2642.5 / 68.5 * 1e5 / exposure) * 100
    )
    assert sum(found.value > 0 for found in readings.values()) == 7


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ({"value": "32252", "measure": INEGI_2023}, "confirmed"),
        ({"value": "32253", "measure": INEGI_2023}, "contradicted"),
        ({"value": "32,300", "measure": INEGI_2023}, "contradicted"),
        (
            {"value": "32,300", "qualifier": "about", "measure": INEGI_2023},
            "confirmed approximately",
        ),
        ({"value": "32.3", "unit": "thousand deaths", "measure": INEGI_2023}, "confirmed"),
        ({"value": "32", "unit": "thousand deaths", "measure": INEGI_2023}, "confirmed"),
        ({"value": "33", "unit": "thousand deaths", "measure": INEGI_2023}, "contradicted"),
        ({"value": "33000", "tolerance": "3 %", "measure": INEGI_2023}, "confirmed approximately"),
        ({"value": "32252", "qualifier": "more than", "measure": INEGI_2023}, "contradicted"),
        ({"value": "32252", "qualifier": "at least", "measure": INEGI_2023}, "confirmed"),
        ({"value": "32251", "qualifier": "more than", "measure": INEGI_2023}, "confirmed"),
        ({"value": "32253", "qualifier": "less than", "measure": INEGI_2023}, "confirmed"),
        ({"value": "30000-33000", "measure": INEGI_2023}, "confirmed"),
        (
            {"value": "1", "measure": "homicides_total(source=inegi, from=2023, to=2023)"},
            "contradicted",
        ),
        (
            {"value": "32252", "measure": "homicides_total(source=inegi, from=2023, to=2023)"},
            "ambiguous",
        ),
        (
            {"value": "1", "period": "2090", "measure": INEGI_2023.replace("2023", "2090")},
            "no data",
        ),
        ({"value": "32252", "measure": INEGI_2023, "proxy": "p"}, "confirmed approximately"),
        ({"value": "5", "measure": INEGI_2023, "proxy": "p"}, "ambiguous"),
        ({"value": "32252", "measure": INEGI_2023, "untested": "u"}, "no data"),
        (
            {"value": "32,300", "qualifier": "about", "tolerance": "0 %", "measure": INEGI_2023},
            "contradicted",
        ),
        (
            {
                "value": "31000",
                "qualifier": "about",
                "measure": INEGI_2023.replace("final", "preliminary"),
            },
            "confirmed approximately",
        ),
        (
            {
                "value": "2000",
                "unit": "year",
                "qualifier": "about",
                "period": "2019",
                "measure": "year_of(milestone=guard_created)",
            },
            "contradicted",
        ),
        (
            {
                "unit": "trend",
                "period": "2014/2024",
                "qualifier": "decreasing",
                "measure": "trend(of=kidnapping, by=envipe_households, from=2014, to=2024)",
            },
            "ambiguous",
        ),
        (
            {
                "value": "36108",
                "period": "2019/2020",
                "measure": "homicides_total(source=inegi, vintage=final, from=2019-07, to=2020-06)",
            },
            "confirmed",
        ),
        ({"value": "5", "measure": INEGI_2023, "untested": "u"}, "contradicted"),
    ],
)
def test_each_rule(tmp_path, claim, verdict):
    assert judge(tmp_path, **claim).verdict == verdict


def test_a_period_outside_the_data_says_what_is_covered(tmp_path):
    found = judge(
        tmp_path,
        value="1",
        period="2030/2031",
        measure="homicides_total(source=sesnsp, vintage=final, from=2030, to=2031)",
    )
    assert "covers 2015-01 to 2025-06; asked is 2030-01 to 2031-12" in str(found.rule)


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ({"measure": "homicides_total(from=2023, to=2020)"}, "ends before it begins"),
        (
            {"unit": "guards", "measure": "guards_by_origin(component=SEDNA, date=2023)"},
            "unknown component",
        ),
        ({"unit": "guards", "measure": "guards(date=soon)"}, '"soon" is not a date'),
        ({"unit": "year", "measure": "year_of(milestone=guard)"}, "unknown milestone"),
        ({"unit": "count", "measure": "rows(table=state)"}, "did you mean states"),
        ({"unit": "count", "measure": "rows(table=states, name=x)"}, "unknown column of states"),
        (
            {"unit": "deaths", "measure": "figure(table=envipe_national, column=value_pct)"},
            'unit is "deaths"',
        ),
        ({"unit": "count", "measure": "figure(table=states, column=cve_ent)"}, "holds no numbers"),
    ],
)
def test_what_only_the_data_can_refuse_names_file_and_line_too(tmp_path, claim, said):
    with pytest.raises(LedgerError, match=r"one.yml line 1: measure: ") as error:
        judge(tmp_path, value="5", **claim)
    assert said in str(error.value)


def test_a_damaged_table_is_an_error_of_the_claims_that_need_it(project):
    project.replace("guard_origin", *_first_line(project, "guard_origin"), recorded=False)
    ledger = read_ledger(LEDGER)
    verdicts = {item.claim.id: item for item in check_claims(ledger)}
    assert "guard_origin.csv has changed" in verdicts["c13"].error
    assert verdicts["c13"].verdict == ""
    assert verdicts["c35"].verdict == "superseded by a revision"


def _first_line(project, table):
    line = (project.raw / f"{table}.csv").read_text("utf-8").splitlines()[1]
    return line, line.replace("51915", "51916")


def test_a_revision_flips_a_verdict_and_diff_says_which(project):
    path = project.raw / "inegi_homicides_national.csv"
    line = next(
        text for text in path.read_text("utf-8").splitlines() if text.startswith("2023,year,32252")
    )
    project.replace("inegi_homicides_national", line, line.replace("32252", "31062"))
    here = root()
    found = compare_vintages(read_ledger(LEDGER), LEDGER.parents[1], here)
    rows = {"old_rows": 44, "new_rows": 44, "revised": 1, "added": 0, "gone": 0}
    table = {"table": "inegi_homicides_national", "change": "changed", **rows}
    assert found["tables"].to_dict("records") == [table]
    cell = found["cells"]["inegi_homicides_national"].iloc[0]
    assert [cell["year"], cell["column"], cell["old"], cell["new"]] == [
        *(2023, "homicides", 32252, 31062)
    ]
    flipped = found["verdicts"].query("flipped").set_index("id")
    assert flipped.loc["c35", ["old_verdict", "new_verdict"]].tolist() == [
        "superseded by a revision",
        "confirmed",
    ]
    assert found["errors"] == []


def test_a_folder_without_a_project_is_refused(tmp_path):
    with pytest.raises(RequestError, match="no project in"):
        compare_vintages(read_ledger(), tmp_path, tmp_path)


def test_verdicts_are_found_by_name():
    assert match_verdict("Contradicted") == "contradicted"
    with pytest.raises(RequestError, match="unknown verdict"):
        match_verdict("conf")
    with pytest.raises(RequestError):
        match_verdict("")
