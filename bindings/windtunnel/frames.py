"""DataFrames over the columns of a run, without copying them."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["frame_of", "OPERATION_KINDS", "OUTCOMES"]

OPERATION_KINDS = ("write", "read")
OUTCOMES = ("ok", "failed", "indeterminate", "unfinished")


def frame_of(array: npt.NDArray[np.void], categories: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """A DataFrame whose columns are the fields of a structured array.

    Args:
        array: shape ``(n,)``, with named fields. It is kept alive, and not copied: each column is a strided view of it.
        categories: for fields that hold codes, what the codes stand for; -1 is "missing".
    """
    names = array.dtype.names or ()
    columns: dict[str, Any] = {}
    for name in names:
        if name in categories:
            # The codes have the width that pandas chooses for as many categories, so that it takes them as they are.
            columns[name] = pd.Categorical.from_codes(array[name], categories=list(categories[name]))
        else:
            columns[name] = array[name]
    return pd.DataFrame(columns, copy=False)
