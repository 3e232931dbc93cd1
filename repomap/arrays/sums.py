"""Sums grouped by an id."""

from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Floats


def sum_by(ids: npt.NDArray[np.integer[Any]], weights: npt.NDArray[Any], id_count: int) -> Floats:
    """Add up the weights of each id below ``id_count``.

    >>> sum_by(np.array([2, 0, 2]), np.array([1.0, 2.0, 3.0]), 4).tolist()
    [2.0, 0.0, 4.0, 0.0]
    """
    return np.bincount(ids, weights, id_count).astype(np.float64, copy=False)
