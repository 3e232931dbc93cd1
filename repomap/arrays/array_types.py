"""Names for the types of arrays that stages hand to each other.

numpy's types give the size of an element, not its meaning. These names add it: what the elements are
(`DocIds`), or which axis the array has (`FloatsByFile`: element `f` belongs to file `f`).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

Rows = npt.NDArray[np.int64]
"""Positions in another array, as numpy's searches give them."""
Starts = npt.NDArray[np.integer[Any]]
"""Where each of some consecutive parts begins, followed by where the last one ends."""

FileIds = npt.NDArray[np.int32]
DocIds = npt.NDArray[np.int32]
WordIds = npt.NDArray[np.int32]
PairKeys = npt.NDArray[np.int64]
"""Pairs of files as one number each: `source * file_count + target`."""

FloatsByFile = npt.NDArray[np.float64]
FloatsByDoc = npt.NDArray[np.float64]
IntsByDoc = npt.NDArray[np.int32]
FlagsByDoc = npt.NDArray[np.bool_]
