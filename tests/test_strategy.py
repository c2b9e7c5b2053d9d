"""The tables of dates, strategies and roles agree with each other and with the calendar."""

import re

import pandas as pd
import pytest

from analysis.calendar import ADMINISTRATIONS, EVENTS, administration_of
from analysis.sources import read_raw

SECTION = "IEEE 79/2024, section "


@pytest.fixture(scope="module")
def dates():
    rows = read_raw("strategy_timeline").set_index("key")
    return pd.to_datetime(rows["date"], format="%Y-%m-%d")


def test_the_events_in_figures_are_the_dates_of_the_table(dates):
    months = dates.dt.to_period("M").dt.to_timestamp()
    assert months["guard_created"] == EVENTS["created"]
    assert months["guard_under_army"] == EVENTS["army"]
    # The deployment of 30 June 2019 counts from the first full month after it.
    assert dates["guard_deployed"] + pd.offsets.MonthBegin() == EVENTS["deployed"]


def test_every_event_belongs_to_the_administration_of_its_day(dates):
    rows = read_raw("strategy_timeline").set_index("key")
    months = dates.dt.to_period("M").dt.to_timestamp()
    assert rows["term"].tolist() == administration_of(months).tolist()
    assert dates.is_monotonic_increasing


def test_a_change_of_office_is_the_first_day_of_its_term(dates):
    first = {term.term: term.first for term in ADMINISTRATIONS}
    offices = read_raw("strategy_timeline").query("kind == 'office'")
    assert len(offices) == 4
    assert [dates[row.key] for row in offices.itertuples()] == [first[t] for t in offices["term"]]


def test_a_source_names_its_publication_and_the_day(dates):
    rows = read_raw("strategy_timeline").set_index("key")
    for key, row in rows.drop("paper").iterrows():
        assert row["source"].endswith(f"{dates[key].day} {dates[key]:%B %Y}")
        gazette = row["source"].startswith("Diario Oficial de la Federación")
        assert gazette == (row["status"] == "gazette")


def test_the_document_has_eight_pillars_and_then_three():
    claims = read_raw("paper_claims").set_index("subject")["claimed"]
    rows = read_raw("strategy_elements")
    pillars = rows[rows["kind"] == "pillar"].groupby("strategy").size()
    assert pillars.to_dict() == {2018: int(claims["pillars of the 2018 strategy"]), 2024: 3}
    places = rows.groupby(["strategy", "kind"])["place"]
    assert all(list(group) == list(range(1, len(group) + 1)) for _, group in places)


def test_roles_and_elements_name_a_section_of_the_document():
    for table in ("strategy_elements", "guard_roles"):
        rows = read_raw(table)
        assert rows["source"].str.startswith(SECTION).all() and rows["status"].eq("document").all()


def test_the_levels_of_the_roles_are_those_of_the_claims():
    claims = read_raw("paper_claims").query("section == 'Guard roles'").set_index("claimed")
    roles = read_raw("guard_roles").groupby("level")["role"].agg(set)
    assert sorted(roles.index, reverse=True) == [int(level) for level in claims.index]
    for level, names in roles.items():
        words = claims.loc[str(level), "subject"]
        assert all(re.search(name.split()[-1], words) for name in names), (level, words)


def test_addresses_are_official():
    tables = ("strategy_timeline", "strategy_elements")
    addresses = pd.concat([read_raw(name)["source_url"].dropna() for name in tables])
    hosts = addresses.str.extract(r"^https://(?:[^/]*\.)?(gob\.mx)(?:/|$)")[0]
    assert len(hosts) and hosts.notna().all()
