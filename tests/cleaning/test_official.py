"""Official tables loaded, exported, and put together as a municipal panel for the models."""

import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.cleaning.build import describe_table, load_table
from analysis.cleaning.export import export_table
from analysis.cleaning.official import load_municipal_panel, load_official
from analysis.errors import DataError, RequestError
from analysis.inventory import catalogue
from analysis.official import take
from analysis.official.take import import_files
from tests.official.generators import write_municipal_files, write_municipal_population
from tests.official.layouts import MONTHS

FILES = "sesnsp_files_municipality"
NUMBERS = {name: number for number, name in enumerate(MONTHS, 1)}


@pytest.fixture
def municipal(project, monkeypatch):
    """A project with municipal files of 2023 to June 2025 and the populations of its places."""
    monkeypatch.setattr(take, "_check_buildable", lambda folder: None)
    files, people = project.folder / "idm.csv", project.folder / "pob.csv"
    write_municipal_files(files, municipalities=40, years=range(2023, 2026), last_month=6)
    write_municipal_population(people, years=range(2020, 2031), municipalities=40)
    import_files([files])
    import_files([people])
    return project


def usual(path, crime):
    """Read the municipal file as is usual: long, one row a municipality and month."""
    frame = pd.read_csv(path, encoding="latin-1", thousands=",")
    frame = frame[frame["Subtipo de delito"].eq(crime)]
    long = frame.melt(["Año", "Cve. Municipio"], list(MONTHS), value_name="files")
    parts = {"year": long["Año"], "month": long["variable"].map(NUMBERS), "day": 1}
    long["month"] = pd.to_datetime(pd.DataFrame(parts))
    long["cve_mun"] = long["Cve. Municipio"].astype("str").str.zfill(5)
    return long.dropna(subset="files").groupby(["cve_mun", "month"])["files"].sum()


def test_the_panel_is_that_of_the_usual_script(municipal):
    panel = load_municipal_panel().set_index(["cve_mun", "month"])
    theirs = usual(municipal.folder / "idm.csv", "Homicidio doloso")
    ours = panel["files"].astype("float64")
    pd.testing.assert_series_equal(
        ours.sort_index(), theirs.sort_index(), check_names=False, check_index_type=False
    )
    assert len(panel) == 40 * 30
    people = pd.read_csv(municipal.folder / "pob.csv", dtype={"CLAVE": "str"})
    total = people.groupby([people["CLAVE"].str.zfill(5), "ANO"])["POB_TOTAL"].sum()
    (code, month), row = next(panel.iterrows())
    assert row["population"] == total[code, month.year]
    assert row["person_years"] == pytest.approx(total[code, month.year] * 31 / 365.25, rel=1e-12)
    assert row["rate"] == pytest.approx(row["files"] / row["person_years"] * 1e5, rel=1e-12)


def test_the_panel_is_ready_for_the_models(municipal):
    panel = load_municipal_panel(crime="Homicidio culposo")
    panel["trend"] = (panel["month"] - panel["month"].min()).dt.days / 365.25
    panel["size"] = np.log(panel["population"].astype("float64")) * panel["trend"]
    fit = an.estimate_effects(
        panel,
        outcome="files",
        regressors=["size"],
        unit="cve_mun",
        time="month",
        exposure="person_years",
    )
    assert np.isfinite(fit.params["size"])
    assert an.estimate_negative_binomial(
        panel, outcome="files", regressors=["trend"], exposure="person_years"
    )


def test_what_has_no_population_is_counted(municipal):
    path = municipal.folder / "pob.csv"
    lines = path.read_text("utf-8-sig").splitlines()
    gone = lines[1].split(",")[0]
    kept = [line for line in lines if line.split(",")[0] != gone]
    path.write_text("\n".join(kept) + "\n", "utf-8")
    import_files([path])
    panel = load_municipal_panel()
    code = gone.zfill(5)
    files = usual(municipal.folder / "idm.csv", "Homicidio doloso")[code].sum()
    assert panel.attrs["without_population"] == {code: files}
    assert code not in set(panel["cve_mun"])


def test_rows_are_chosen_where_they_lie(municipal):
    everything = load_official(FILES)
    chosen = load_official(
        FILES,
        where={"cve_ent": ["01", "02"], "month": {"from": "2024-02", "to": "2024-03"}},
    )
    month = everything["month"].dt.strftime("%Y-%m")
    mask = everything["cve_ent"].isin(["01", "02"]) & month.isin(["2024-02", "2024-03"])
    pd.testing.assert_frame_equal(chosen, everything[mask].reset_index(drop=True))
    assert chosen.attrs["units"]["files"] == "investigation files"
    with pytest.raises(RequestError, match="has no column crime; it has cve_ent"):
        load_official(FILES, where={"crime": "Robo"})
    with pytest.raises(RequestError, match="use load_table"):
        load_official("panel")


def test_the_catalogue_the_description_and_exports_know_it(municipal, tmp_path):
    row = catalogue().set_index("name").loc[FILES]
    assert (row["kind"], row["first"], row["last"]) == ("official", "2023-01", "2025-06")
    assert row["rows"] == 40 * 98 * 30
    assert "taken in on" in describe_table(FILES)["vintage"]
    assert describe_table(FILES)["last value"]["month"].startswith("2025-06")
    written, dictionary = export_table(FILES, tmp_path / "files.parquet")
    pd.testing.assert_frame_equal(
        pd.read_parquet(written)["files"].astype("Int64").to_frame(), load_table(FILES)[["files"]]
    )
    assert "cve_mun" in dictionary.read_text("utf-8")


def test_one_crime_alone_says_the_same_of_it(municipal):
    whole = load_municipal_panel(crime="Homicidio doloso")
    taken = import_files([municipal.folder / "idm.csv"], crime="Homicidio doloso")
    account = taken["files"][0]["account"]["rows"]
    assert account["out"] == 40 * 4 * 3
    assert account["aside"] == {"another crime than Homicidio doloso": 40 * 94 * 3}
    pd.testing.assert_frame_equal(load_municipal_panel(crime="Homicidio doloso"), whole)
    # The other crimes are still there, from the vintage before.
    assert len(load_official(FILES)) == 40 * 98 * 30


def test_what_is_lacking_is_said(project):
    with pytest.raises(DataError, match="sesnsp_files_municipality is empty"):
        load_municipal_panel()
    with pytest.raises(DataError, match="world_bank is empty"):
        load_table("world_bank")
    with pytest.raises(DataError, match="world_bank is empty"):
        export_table("world_bank", project.folder / "bank.csv")


def test_an_unknown_crime_is_refused_with_those_there_are(municipal):
    with pytest.raises(RequestError, match="it has .*Homicidio doloso"):
        load_municipal_panel(crime="Homicidio")
    with pytest.raises(RequestError, match="has no crime"):
        import_files([municipal.folder / "idm.csv"], crime="Homicidio")
