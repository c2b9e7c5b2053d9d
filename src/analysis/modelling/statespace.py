"""State-space models: fitted until they converge, or refused."""

import warnings
from typing import Any

import numpy as np
from statsmodels.tools.sm_exceptions import MissingDataError

from analysis.errors import ModelError

# From the library's starting values, then from there by other searches.
SEARCHES: tuple[dict[str, Any], ...] = (
    {"method": "lbfgs", "maxiter": 500},
    {"method": "powell", "maxiter": 500},
    {"method": "nm", "maxiter": 5000},
)


def maximise(model: Any, what: str) -> Any:
    """Fit a statsmodels state-space model by maximum likelihood, silently, and see it converge.

    Where the first search does not converge the model is fitted again from other starts: a
    search without gradients, and the first one from where that ends.

    Parameters
    ----------
    model : statsmodels.tsa.statespace.mlemodel.MLEModel
        What is fitted.
    what : str
        Name of the model in an error.

    Raises
    ------
    ModelError
        When no search converges.
    """
    with warnings.catch_warnings():
        # Of starting values that were replaced; what they warn of is checked below.
        warnings.simplefilter("ignore")
        for search in SEARCHES:
            try:
                fitted = model.fit(disp=0, **search)
                if search["method"] != "lbfgs":
                    fitted = model.fit(fitted.params, disp=0, **SEARCHES[0])
            except (np.linalg.LinAlgError, ValueError, MissingDataError):
                continue
            if fitted.mle_retvals["converged"] and np.isfinite(fitted.llf):
                return fitted
    raise ModelError(f"{what} did not converge on {model.nobs} rows from any start")
