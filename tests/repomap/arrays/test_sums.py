"""Weights are summed by id."""

import numpy as np

from repomap.arrays.sums import sum_by


def test_the_weights_of_an_id_are_summed() -> None:
    """An id without any gets zero, and no ids at all give zeros of the type that sums have."""
    assert sum_by(np.array([2, 0, 2]), np.array([1.0, 2.0, 3.0]), 4).tolist() == [2, 0, 4, 0]
    nothing = sum_by(np.zeros(0, np.int32), np.zeros(0), 3)
    assert nothing.tolist() == [0, 0, 0]
    assert nothing.dtype == np.float64
