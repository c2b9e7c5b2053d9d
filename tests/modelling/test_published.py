"""What others have printed or certified, by our general functions: docs/validation.md."""

import json
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import longley

from analysis.modelling.breaks import estimate_breaks, estimate_joinpoint
from analysis.modelling.candidates import forecast_model
from analysis.modelling.clusters import infer_crv1, infer_crv3, infer_score_wild
from analysis.modelling.counterfactual import estimate_counterfactual
from analysis.modelling.counts import estimate_negative_binomial
from analysis.modelling.effects import EffectsFit, estimate_effects
from analysis.modelling.inference import hac_covariance, pool_effects, q_values, score_rows
from analysis.modelling.interruption import estimate_segments
from analysis.modelling.smooth import estimate_smooth
from analysis.modelling.swaps import infer_permutation

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
EXAMPLES = json.loads((GOLDEN / "published.json").read_text("utf-8"))
R = json.loads((GOLDEN / "published" / "r_values.json").read_text("utf-8"))
LEAST_SQUARES = {"effects": "none", "family": "gaussian"}


@cache
def read(name: str) -> pd.DataFrame:
    return pd.read_csv(GOLDEN / "published" / name)


def regress(name: str | pd.DataFrame, outcome: str, regressors: list[str], **options) -> EffectsFit:
    """Regress on rows that are each a unit of their own, unless told otherwise."""
    frame = (read(name) if isinstance(name, str) else name).reset_index(names="row")
    return estimate_effects(
        frame.assign(once=0),
        outcome=outcome,
        regressors=regressors,
        **{"unit": "row", "time": "once"} | options,
    )


def classical(fit: EffectsFit) -> tuple[np.ndarray, float]:
    """Give textbook standard errors, and the root of the residual variance."""
    scale = (fit.residuals**2 / fit.weights).sum() / (len(fit.mu) - fit.counted)
    return np.sqrt(scale * np.diag(fit.bread)), float(np.sqrt(scale))


def norris() -> dict[str, float]:
    fit = regress("norris.csv", "y", ["x"], **LEAST_SQUARES)
    errors, sigma = classical(fit)
    return {"slope": fit.params["x"], "standard error": errors[0], "residual sd": sigma}


def longley_() -> dict[str, float]:
    frame = longley.load_pandas().data
    fit = regress(frame, "TOTEMP", list(frame.columns.drop("TOTEMP")), **LEAST_SQUARES)
    errors, sigma = classical(fit)
    named = {f"se {name}": error for name, error in zip(fit.params.index, errors, strict=True)}
    return {**fit.params, **named, "residual sd": sigma}


def wampler() -> dict[str, float]:
    got = {}
    for number in range(1, 6):
        names = [f"x{power}" for power in range(1, 6)]
        fit = regress("wampler.csv", f"y{number}", names, **LEAST_SQUARES)
        true = np.ones(5) if number != 2 else 10.0 ** -np.arange(1, 6)
        # The coefficient that is furthest from the truth, as a multiple of the truth.
        worst = np.abs(fit.params.to_numpy() / true - 1).argmax()
        got[f"worst coefficient {number}"] = fit.params.iloc[worst] / true[worst]
        if number > 2:
            errors, sigma = classical(fit)
            got |= {f"se x {number}": errors[0], f"se x5 {number}": errors[4]}
            got[f"residual sd {number}"] = sigma
    return got


def petersen() -> dict[str, float]:
    options = LEAST_SQUARES | {"outcome": "y", "regressors": ["x"]}
    frame = read("petersen.csv.gz")
    firm = estimate_effects(frame, unit="firm", time="year", **options)
    year = estimate_effects(frame, unit="year", time="firm", **options)
    return {
        "x": firm.params["x"],
        "se OLS": classical(firm)[0][0],
        "se by firm": infer_crv1(firm)["std_error"].iloc[0],
        "se by year": infer_crv1(year)["std_error"].iloc[0],
    }


def grunfeld() -> dict[str, float]:
    got = {}
    for effects, label in (("unit", "firms"), ("unit+time", "firms and years")):
        options = {"unit": "firm", "time": "year", "effects": effects, "family": "gaussian"}
        fit = regress("grunfeld.csv", "inv", ["value", "capital"], **options)
        got |= {f"{name}, {label}": value for name, value in fit.params.items()}
    return got


def fatalities() -> dict[str, float]:
    got = {}
    for effects, label in (("none", "none"), ("unit", "states"), ("unit+time", "states and years")):
        options = {"unit": "state", "time": "year", "effects": effects, "family": "gaussian"}
        fit = regress("fatalities.csv", "rate", ["beertax"], **options)
        got[f"beer tax, {label}"] = fit.params["beertax"]
        if effects != "none":
            got[f"se, {label}"] = infer_crv1(fit)["std_error"].iloc[0]
    return got


def mlda() -> dict[str, float]:
    options = {"unit": "state", "time": "year", "effects": "unit+time", "family": "gaussian"}
    fit = regress("mlda.csv", "mrate", ["legal", "beertaxa"], **options)
    n, groups = len(fit.mu), len(fit.unit_scores)
    # clubSandwich's CR1 has no (n - 1)/(n - k), its CR3 no (G - 1)/G.
    cr1 = infer_crv1(fit)["std_error"] * np.sqrt((n - fit.counted) / (n - 1))
    cr3 = infer_crv3(fit)["std_error"] * np.sqrt(groups / (groups - 1))
    return {
        "legal": fit.params["legal"],
        "beertaxa": fit.params["beertaxa"],
        "CR1 legal": cr1[0],
        "CR1 beertaxa": cr1[1],
        "CR3 legal": cr3[0],
        "CR3 beertaxa": cr3[1],
    }


def enumerated() -> dict[str, float]:
    frame = read("grunfeld.csv")
    options = {"outcome": "inv", "regressors": ["capital", "value"], "unit": "firm", "time": "year"}
    options |= {"effects": "unit+time", "family": "gaussian"}
    five = estimate_effects(frame[frame["firm"].between(2, 6)], **options)
    six = estimate_effects(frame[frame["firm"] <= 6], **options)
    wild, swaps = infer_score_wild(five).iloc[0], infer_permutation(six).iloc[0]
    return {
        "wild statistic": wild["statistic"],
        "wild p": wild["p_value"],
        "wild draws": wild["draws"],
        "swap statistic": swaps["statistic"],
        "swap p": swaps["p_value"],
        "swap draws": swaps["draws"],
    }


def ships() -> dict[str, float]:
    frame = read("ships.csv")
    dummies = pd.get_dummies(frame[["type", "year", "period"]].astype("str"), dtype="float64")
    names = ["type_B", "type_C", "type_D", "type_E", "year_65", "year_70", "year_75", "period_75"]
    fit = regress(
        frame.join(dummies[names]), "incidents", names, exposure="service", effects="none"
    )
    errors, sigma = classical(fit)
    short = [name.replace("_", " ") for name in names]
    got = dict(zip(short, fit.params, strict=True))
    got |= {f"se {name}": error for name, error in zip(short, errors, strict=True)}
    # The same with the types as effects of a panel, its times the years built and the periods.
    panel = frame.join(dummies[names]).assign(when=frame["year"] * 100 + frame["period"])
    options = {"unit": "type", "time": "when", "effects": "unit", "exposure": "service"}
    beside = regress(panel, "incidents", names[4:], **options)
    got |= {
        f"{name}, types as effects": beside.params[name.replace(" ", "_")] for name in short[4:]
    }
    return got | {"dispersion": sigma**2}


def nmes() -> dict[str, float]:
    frame = read("nmes.csv")
    regressors = list(frame.columns.drop("visits"))
    fitted, alpha = estimate_negative_binomial(frame, outcome="visits", regressors=regressors)
    errors = np.sqrt(np.diag(score_rows(fitted)[1]))
    got = {**fitted.params}
    got |= {f"se {name}": error for name, error in zip(fitted.params.index, errors, strict=True)}
    return got | {"alpha": alpha, "log-likelihood": fitted.llf}


def investment() -> dict[str, float]:
    fit = regress("investment.csv", "RealInv", ["RealGNP", "RealInt"], **LEAST_SQUARES)
    scores = fit.partialled * fit.residuals[:, None]
    errors = np.sqrt(np.diag(hac_covariance(scores, fit.bread, lags=4)))
    return {**fit.params, "se RealGNP": errors[0], "se RealInt": errors[1]}


def bcg() -> dict[str, float]:
    trials = read("bcg.csv")
    pooled = pool_effects(trials["effect"], np.sqrt(trials["variance"]))
    reach = 1.959963984540054 * pooled["std_error"]
    return {
        "risk ratio": np.exp(pooled["estimate"]),
        "low": np.exp(pooled["estimate"] - reach),
        "high": np.exp(pooled["estimate"] + reach),
        "log risk ratio": pooled["estimate"],
        "se": pooled["std_error"],
        "tau2": pooled["tau2"],
        "I2": pooled["i2"],
        "Q": pooled["q"],
    }


def bh() -> dict[str, float]:
    adjusted = q_values(pd.Series(R["bh"]["p"]))
    got = {f"q {place}": adjusted[place - 1] for place in (1, 4, 5, 9)}
    return {"rejected": float((adjusted < 0.05).sum())} | got


def nile() -> dict[str, float]:
    frame = read("nile.csv").assign(month=lambda rows: rows["year"].astype("str") + "-01")
    breaks = estimate_breaks(frame, outcome="flow", time="month", period=1).rows
    found = breaks[breaks["kind"] == "break"]
    numbers = breaks[breaks["kind"] == "number"]
    # The models are of logarithms: flows enter as exponentials, and one year that is not used.
    later = pd.DataFrame({"month": ["1971-01"], "flow": [900]})
    grown = pd.concat([frame, later]).assign(size=lambda rows: np.exp((rows["flow"] - 900) / 100))
    series = {"outcome": "size", "time": "month", "event": "1971-01", "period": 1}
    fit = estimate_counterfactual(grown, **series)
    level = fit.fitted["llevel"]
    params = dict(zip(level.param_names, level.params, strict=True))
    middle, low, high = fit.row("1971-01")[["expected", "expected_low", "expected_high"]]
    return {
        "variance of noise": params["sigma2.irregular"] * 100**2,
        "variance of level": params["sigma2.level"] * 100**2,
        "expected 1971": 900 + 100 * np.log(middle),
        "error 1971": 100 * np.log(high / low) / (2 * 1.959963984540054),
        "breaks": float(len(found)),
        "last year of the old level": float(found["month"].iloc[0][:4]) - 1,
        "BIC without break": numbers["bic"].iloc[0],
        "BIC with one": numbers["bic"].iloc[1],
        "BIC with two": numbers["bic"].iloc[2],
    }


def airline() -> dict[str, float]:
    frame = read("airline.csv")
    months = np.concatenate([np.tile(np.arange(1, 13), 12), np.arange(1, 13)])
    logs = np.log(frame["passengers"].to_numpy("float64"))
    mean, deviation = next(forecast_model("SARIMA", logs, months, [len(logs)], 12))
    got = {}
    for step in (1, 12):
        middle, error = mean[step - 1], 1.959963984540054 * deviation[step - 1]
        got[f"expected in {step}"] = np.exp(middle)
        got[f"low in {step}"], got[f"high in {step}"] = np.exp([middle - error, middle + error])
    return got


def seatbelts() -> dict[str, float]:
    series = {"outcome": "killed", "time": "month", "exposure": "kms"}
    rows = estimate_segments(read("seatbelts.csv"), **series, events=["1983-02"]).rows
    got = {}
    for inference in ("hac", "ar1"):
        part = rows[rows["inference"] == inference].set_index("term")
        for term, label in (
            ("trend", "trend"),
            ("level 1983-02", "level"),
            ("slope 1983-02", "slope"),
        ):
            got[f"{label}, {inference}"] = np.log(part["estimate"][term])
            got[f"se {label}, {inference}"] = part["std_error"][term]
    got["dispersion"] = rows["dispersion"].dropna().iloc[0]
    return got | {"rho": rows["rho"].dropna().iloc[0]}


def bend() -> dict[str, float | str]:
    series = {"outcome": "killed", "time": "month", "exposure": "kms"}
    result = estimate_joinpoint(read("seatbelts.csv"), **series)
    row = result.row("joinpoint")
    return {
        "month": row["month"],
        "first": row["month_low"],
        "last": row["month_high"],
        "slope before": np.log1p(row["before"] / 100),
        "change of slope": np.log(row["estimate"]),
        "dispersion": row["dispersion"],
        "deviance": result.fitted["profile"]["deviance"].min(),
    }


def smooth() -> dict[str, float]:
    series = {"outcome": "killed", "time": "month", "exposure": "kms"}
    rows = estimate_smooth(read("seatbelts.csv"), **series, per=1.0).rows
    rows = rows[rows["kind"] == "month"].reset_index(drop=True)
    got = {name: rows[name].iloc[0] for name in ("smoothing", "edf", "dispersion")}
    for place, month in ((0, "1969-01"), (96, "1977-01"), (191, "1984-12")):
        got[f"rate {month}"] = rows["rate"][place]
        got[f"se {month}"] = rows["std_error"][place]
    return got


COMPUTE = {
    "norris": norris,
    "longley": longley_,
    "wampler": wampler,
    "petersen": petersen,
    "grunfeld": grunfeld,
    "fatalities": fatalities,
    "mlda": mlda,
    "enumerated": enumerated,
    "ships": ships,
    "nmes": nmes,
    "investment": investment,
    "bcg": bcg,
    "bh": bh,
    "nile": nile,
    "airline": airline,
    "seatbelts": seatbelts,
    "bend": bend,
    "smooth": smooth,
}


@cache
def computed(example: str) -> dict[str, float]:
    return COMPUTE[example]()


def by_r(example: str, path: str):
    """Follow a path with dots into R's values."""
    value = R[example]
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def last_place(printed: str) -> float:
    """Give half a unit of the last digit printed."""
    return 0.5 * 10.0 ** -len(printed.partition(".")[2])


def distance(example: dict, name: str) -> tuple[float | None, str]:
    """Give how far the printed value is off, and that as the table of the docs says it."""
    value, got = example["values"][name], computed(example["id"])[name]
    if isinstance(got, str):
        return None, "none"
    if "relative" in value:
        return None, f"< {value['relative']:.0e}"
    if "printed" in value:
        off = got - float(value["printed"])
        return (off, f"{off:+.1e}") if abs(off) > 1e-12 else (None, "none")
    return None, f"< {value.get('r_relative', example['r_relative']):.0e}"


def table_row(example: dict, name: str) -> list[str]:
    """Give the cells of one row of the table in docs/validation.md."""
    value, got = example["values"][name], computed(example["id"])[name]
    known = by_r(example["id"], value["r"]) if "r" in value else ""
    digits = [x if isinstance(x, str) else f"{x:.7g}" for x in (known, got)]
    return [name, value.get("printed", ""), *digits, distance(example, name)[1]]


CASES = [
    pytest.param(example, name, id=f"{example['id']}-{name}")
    for example in EXAMPLES
    for name in example["values"]
]


@pytest.mark.parametrize(("example", "name"), CASES)
def test_we_get_what_was_printed_and_what_r_gets(example, name):
    value, got = example["values"][name], computed(example["id"])[name]
    assert {"printed", "r"} & set(value)
    if "printed" in value:
        limit = value.get("relative")
        allowed = {"rel": limit, "abs": 0} if limit else {"abs": last_place(value["printed"])}
        assert got == pytest.approx(float(value["printed"]), **allowed)
    if "r" in value:
        known, rel = by_r(example["id"], value["r"]), value.get("r_relative", example["r_relative"])
        assert got == (known if isinstance(known, str) else pytest.approx(known, rel=rel, abs=0))


def test_every_example_is_computed_and_every_value_is_compared():
    assert {example["id"] for example in EXAMPLES} == set(COMPUTE)
    for example in EXAMPLES:
        assert set(computed(example["id"])) == set(example["values"]), example["id"]


def test_the_certified_errors_of_wampler_follow_from_the_definition():
    """Solve the third polynomial's normal equations in rational numbers."""
    rows = read("wampler.csv")
    powers = [[Fraction(int(i)) ** power for power in range(6)] for i in rows["i"]]
    outcome = [Fraction(int(y)) for y in rows["y3"]]
    square = [[sum(row[i] * row[j] for row in powers) for j in range(6)] for i in range(6)]
    matrix = [line + [Fraction(int(i == j)) for j in range(6)] for i, line in enumerate(square)]
    for i in range(6):
        matrix[i] = [cell / matrix[i][i] for cell in matrix[i]]
        for j in set(range(6)) - {i}:
            lead = matrix[j][i]
            matrix[j] = [a - lead * b for a, b in zip(matrix[j], matrix[i], strict=True)]
    inverse = [line[6:] for line in matrix]
    moments = [sum(row[i] * y for row, y in zip(powers, outcome, strict=True)) for i in range(6)]
    solution = [sum(a * b for a, b in zip(line, moments, strict=True)) for line in inverse]
    assert solution == [1] * 6
    rest = [y - sum(row) for row, y in zip(powers, outcome, strict=True)]
    variance = sum(value**2 for value in rest) / (len(rest) - 6)
    values = next(example for example in EXAMPLES if example["id"] == "wampler")["values"]
    for name, exact in (
        ("residual sd 3", variance),
        ("se x 3", variance * inverse[1][1]),
        ("se x5 3", variance * inverse[5][5]),
    ):
        assert float(values[name]["printed"]) == pytest.approx(float(exact) ** 0.5, rel=1e-14)


@pytest.fixture(scope="module")
def documented() -> dict[str, list[list[str]]]:
    """Read the tables of docs/validation.md: the rows under each example's heading."""
    tables: dict[str, list[list[str]]] = {}
    title = ""
    for line in (ROOT / "docs" / "validation.md").read_text("utf-8").splitlines():
        if line.startswith("#"):
            title = line.removeprefix("### ") if line.startswith("### ") else ""
        elif line.startswith("| ") and title:
            tables.setdefault(title, []).append([cell.strip() for cell in line.split("|")[1:-1]])
    return tables


@pytest.mark.parametrize("example", [pytest.param(e, id=e["id"]) for e in EXAMPLES])
def test_the_docs_state_what_we_get(documented, example):
    rows = {cells[0]: cells for cells in documented[example["title"]][1:]}
    assert set(rows) == set(example["values"])
    for name, value in example["values"].items():
        wanted, cells = table_row(example, name), rows[name]
        assert cells[:3] == wanted[:3]
        if isinstance(computed(example["id"])[name], str):
            assert cells[3:] == wanted[3:]
            continue
        # Another machine may round the seventh digit otherwise.
        room = max(2e-6, value.get("relative", 0.0), value.get("r_relative", 0.0))
        assert float(cells[3]) == pytest.approx(float(wanted[3]), rel=room)
        off, said = distance(example, name)
        if off is not None:
            assert float(cells[4]) == pytest.approx(off, rel=0.06)
        else:
            assert cells[4] == said


def test_the_docs_name_where_each_value_was_printed(documented):
    text = " ".join((ROOT / "docs" / "validation.md").read_text("utf-8").split())
    for example in EXAMPLES:
        assert example["where"] in text, example["id"]
        for function in example["function"].split(", "):
            assert f"`{function}`" in text
