"""A logistic regression with targets between 0 and 1 and weights of cases: what the rankings' weights are fitted by."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from repomap.arrays.array_types import Floats

RIDGE = 1e-4
"""Penalty on large weights of standardised features."""

Model = tuple[float, dict[str, float]]
"""The bias, and the weight of each feature."""


def fit_logistic(
    features: Sequence[Mapping[str, Floats]], target: Floats, weight: Floats, most_rounds: int
) -> Model:
    """Fit the model whose chances are nearest to the targets.

    ``features`` are columns by name, in parts of which each counts alike; ``target`` and ``weight`` have the rows of
    all parts, one after the other.
    """
    names = list(features[0])
    x = np.concatenate([np.stack([part[name] for name in names], axis=1) for part in features]).astype(float)
    mean, deviation = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    x = (x - mean) / deviation

    def loss(parameters: Floats) -> tuple[float, Floats]:
        logit = x @ parameters[1:] + parameters[0]
        value = weight @ (np.logaddexp(0, logit) - target * logit) / len(features)
        slope = weight * (expit(logit) - target) / len(features)
        ridge = np.concatenate([[0.0], RIDGE * parameters[1:]])
        return value + ridge @ parameters / 2, np.concatenate([[slope.sum()], slope @ x]) + ridge

    options = {"maxiter": most_rounds}
    best = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", options=options).x
    weights = best[1:] / deviation
    return float(best[0] - weights @ mean), dict(zip(names, weights.tolist(), strict=True))


def source_of_model(name: str, model: Model) -> str:
    """Return a model as two constants of Python."""
    bias, weights = model
    rows = "".join(f'    "{feature}": {weight:.3f},\n' for feature, weight in weights.items())
    return f"{name}_BIAS = {bias:.3f}\n{name}_WEIGHTS = {{\n{rows}}}"
