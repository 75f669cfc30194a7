"""DataFrames over the columns of a run, without copying them."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["frame_of", "operations_frame", "OPERATION_KINDS", "OUTCOMES"]

OPERATION_KINDS = ("write", "read")
OUTCOMES = ("ok", "failed", "indeterminate", "unfinished")
_OPERATION_COLUMNS = (
    "number",
    "client",
    "kind",
    "outcome",
    "attempts",
    "invoked_ns",
    "ended_ns",
    "picked",
    "version",
    "policy",
)


def frame_of(array: npt.NDArray[np.void], categories: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """A DataFrame whose columns are the fields of a structured array.

    Args:
        array: shape ``(n,)``, with named fields. It is kept alive, and not copied: each column is a strided view of it.
        categories: for fields that hold codes, what the codes stand for; -1 is "missing".
    """
    return _frame_of_columns({name: array[name] for name in array.dtype.names or ()}, categories)


def operations_frame(array: npt.NDArray[np.void], categories: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """The same for operations on the store and requests to a service alike, which have the same columns.

    An operation's number is its place, which is not kept: that column alone takes memory. Requests are all of one kind, and
    operations go to no version of anything.
    """
    rows = len(array)
    columns: dict[str, npt.NDArray[Any]] = {
        "number": np.arange(rows, dtype=np.uint64),
        "kind": np.broadcast_to(np.int8(OPERATION_KINDS.index("read")), rows),
        "version": np.broadcast_to(np.int8(0), rows),
        **{name: array[name] for name in array.dtype.names or ()},
    }
    return _frame_of_columns({name: columns[name] for name in _OPERATION_COLUMNS}, categories)


def _frame_of_columns(fields: Mapping[str, npt.NDArray[Any]], categories: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name, field in fields.items():
        if name in categories:
            # The codes have the width that pandas chooses for as many categories, so that it takes them as they are.
            columns[name] = pd.Categorical.from_codes(field, categories=list(categories[name]))
        else:
            columns[name] = field
    return pd.DataFrame(columns, copy=False)
