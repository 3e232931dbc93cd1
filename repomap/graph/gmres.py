"""Solves `x = A x + b` when applying `A` is expensive: GMRES (Saad and Schultz 1986).

Repeating `x ← A x + b` gains the same factor in each round. GMRES keeps all rounds and takes their best
combination, which for the rank of a large graph needs a third of the rounds.
"""

from collections.abc import Callable, Sequence

import numpy as np

from repomap.arrays.array_types import Floats

MOST_ROUNDS = 48
"""Arrays of the size of `x` that are kept at the same time."""


def correction(apply: Callable[[Floats], Floats], residual: Floats, tolerance: float) -> Floats:
    """Find what to add to `x` to bring the sum of the magnitudes of `A x + b - x` below ``tolerance``.

    ``apply`` is `A`, and ``residual`` is `A x + b - x` for the present `x`. After `MOST_ROUNDS` rounds the
    best correction so far is returned. Sums are taken by numpy alone: a linear algebra library may
    split them by the number of cores, which changes their last bits.
    """
    size = _length(residual)
    basis, products = [residual / size], np.zeros((MOST_ROUNDS + 1, MOST_ROUNDS))
    shares: Floats = np.zeros(0)
    for rounds in range(1, MOST_ROUNDS + 1):
        new = basis[-1] - apply(basis[-1])
        for row, vector in enumerate(basis):
            products[row, rounds - 1] = overlap = float((new * vector).sum())
            new = new - overlap * vector
        products[rounds, rounds - 1] = rest = _length(new)
        basis.append(new / rest if rest else new)
        target = np.zeros(rounds + 1)
        target[0] = size
        known = products[: rounds + 1, :rounds]
        shares = np.linalg.lstsq(known, target, rcond=None)[0].astype(np.float64)
        left = target - known @ shares
        # The sum of magnitudes is at least the length, and the length needs no combining.
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
