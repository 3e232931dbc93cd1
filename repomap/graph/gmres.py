"""Solves `x = A x + b` for a map `A` that is dear to apply: GMRES (Saad and Schultz 1986) on arrays.

Repeating `x ← A x + b` gains the same factor in each round. Here every round is kept, and the best
combination of all of them is taken, which for the rank of a large graph needs a third of the rounds.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST_ROUNDS = 48
"""So many arrays of the size of `x` are kept at the same time."""


def correction(apply: Callable[[Floats], Floats], residual: Floats, tolerance: float) -> Floats:
    """What to add to `x`, whose `A x + b - x` is ``residual``, to bring that below ``tolerance`` in sum.

    ``apply`` is `A`. After 48 rounds the best correction by then is returned. Sums are taken by numpy
    alone: a linear algebra library may split them by the number of cores, and their last bits with it.
    """
    size = _length(residual)
    basis, products = [residual / size], np.zeros((MOST_ROUNDS + 1, MOST_ROUNDS))
    shares: Floats = np.zeros(0)
    for done in range(1, MOST_ROUNDS + 1):
        new = basis[-1] - apply(basis[-1])
        for place, known in enumerate(basis):
            products[place, done - 1] = overlap = float((new * known).sum())
            new = new - overlap * known
        products[done, done - 1] = rest = _length(new)
        basis.append(new / rest if rest else new)
        sought = np.zeros(done + 1)
        sought[0] = size
        held = products[: done + 1, :done]
        shares = np.linalg.lstsq(held, sought, rcond=None)[0].astype(np.float64)
        left = sought - held @ shares
        # a sum of magnitudes is at least the length, which is known without combining anything
        if not rest or (_length(left) < tolerance and np.abs(_combined(basis, left)).sum() < tolerance / 2):
            break
    return _combined(basis[:-1], shares)


def _length(vector: Floats) -> float:
    return float(np.sqrt((vector * vector).sum()))


def _combined(basis: Sequence[Floats], shares: Floats) -> Floats:
    total = np.zeros(len(basis[0]))
    for vector, share in zip(basis, shares.tolist(), strict=True):
        total += share * vector
    return total
