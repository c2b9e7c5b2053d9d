"""Made-up panels of known truth, and the textbook design to hold ours against."""

import numpy as np
import pandas as pd

ARGUMENTS = {"outcome": "cases", "regressors": ["dose"], "unit": "clinic", "time": "year"}


def simulate(units=12, times=15, effect=0.3, seed=1, shape=2.0):
    """A panel with effects of clinics and years, overdispersed counts and exposure."""
    draw = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([range(units), range(2000, 2000 + times)])
    frame = index.to_frame(index=False, name=["clinic", "year"])
    frame["dose"] = draw.normal(size=len(frame)) + frame["clinic"] / units
    frame["age"] = draw.uniform(size=len(frame))
    frame["persons"] = draw.uniform(50, 500, len(frame))
    log_rate = effect * frame["dose"] + 2 * frame["clinic"] / units + np.sin(frame["year"]) - 2
    mean = frame["persons"] * np.exp(log_rate)
    frame["cases"] = draw.poisson(mean * draw.gamma(shape, 1 / shape, len(frame)))
    return frame


def dummies(frame, effects):
    """The textbook design: a column a clinic, a year, a trend; statsmodels drops the redundant."""
    parts = [frame[["dose", "age"]]]
    clinics = pd.get_dummies(frame["clinic"], dtype="float64")
    if "unit" in effects:
        parts.append(clinics)
    if "time" in effects:
        parts.append(pd.get_dummies(frame["year"], drop_first="unit" in effects, dtype="float64"))
    if "trend" in effects:
        parts.append(clinics.mul(frame["year"] - 2000, axis=0).iloc[:, 1:].add_suffix(" t"))
    if effects == "none":
        parts.append(pd.Series(1.0, index=frame.index, name="const"))
    return pd.concat(parts, axis=1).to_numpy()
