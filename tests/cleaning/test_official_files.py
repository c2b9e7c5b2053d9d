"""The raw tables hold what the official files say, cell by cell, where those files are at hand.

``ANALYSIS_REAL_FILES`` names the folder that holds the files as their producers publish them.
"""

import os
from pathlib import Path

import pandas as pd
import pytest

from analysis.sources import read_raw

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / os.environ.get("ANALYSIS_REAL_FILES", "../shared/real")
CRIMES = {
    "Homicidio doloso": "intentional_homicide",
    "Feminicidio": "femicide",
    "Homicidio culposo": "negligent_homicide",
}
MONTHS = [
    "Enero",
    "Febrero",
    "Marzo",
    "Abril",
    "Mayo",
    "Junio",
    "Julio",
    "Agosto",
    "Septiembre",
    "Octubre",
    "Noviembre",
    "Diciembre",
]


def official(name):
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"no {name} in {FOLDER}; set ANALYSIS_REAL_FILES to the folder that holds it")
    return path


def test_victims_are_those_of_the_file_of_sesnsp():
    key = ["cve_ent", "month", "crime"]
    file = pd.read_csv(official("IDVFC_jun25.csv"), encoding="latin-1", thousands=",")
    file = file[file["Subtipo de delito"].isin(CRIMES)]
    long = file.melt(["Año", "Clave_Ent", "Subtipo de delito"], MONTHS, value_name="victims")
    number = long["variable"].map({name: f"{i:02d}" for i, name in enumerate(MONTHS, 1)})
    long["month"] = pd.to_datetime(long["Año"].astype("str") + "-" + number)
    long["cve_ent"] = long["Clave_Ent"].astype("str").str.zfill(2)
    long["crime"] = long["Subtipo de delito"].map(CRIMES)
    theirs = long.groupby(key)["victims"].sum(min_count=1).dropna().astype("int64")

    raw = read_raw("sesnsp_victims_state_month")
    ours = raw[raw["crime"].isin(CRIMES.values())].groupby(key)["victims"].sum()
    pd.testing.assert_series_equal(ours, theirs, check_index_type=False)
    assert len(ours) == 32 * 126 * 3


def test_populations_are_those_of_the_file_of_conapo():
    key = ["cve_ent", "year"]
    file = pd.read_csv(official("CONAPO_poblacion_entidad_1950_2070.csv"), dtype={"cve_ent": "str"})
    file = file[file["genero"].eq("Total") & file["cve_ent"].ne("00")]
    file = file[file["n_year"].between(1990, 2040)].rename(columns={"n_year": "year"})
    theirs = file.set_index(key)["pob_mid_year"].sort_index()

    ours = read_raw("conapo_population_state_year").set_index(key)["population"].sort_index()
    pd.testing.assert_series_equal(ours, theirs, check_names=False, check_index_type=False)
    assert len(ours) == 32 * 51
