"""Progress bars that only people see."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, Optional

__all__ = ["Bar"]


def _is_watched() -> bool:
    """Whether somebody sits at a terminal or in front of a notebook."""
    if os.environ.get("TQDM_DISABLE"):
        return False
    return sys.stderr.isatty() or "ipykernel" in sys.modules


class Bar:
    """A bar of tqdm's, which appears only where the work takes a while.

    Args:
        progress: None: where somebody watches; True or False: always or never.
        total: how much work there is.
        unit: what is counted; empty: shares of one.
    """

    def __init__(self, progress: Optional[bool], total: float, what: str, unit: str = "") -> None:
        self._bar: Any = None
        wanted = _is_watched() if progress is None else progress
        if wanted:
            from tqdm import tqdm

            shape = "{l_bar}{bar}| {elapsed}<{remaining}" if not unit else None
            self._bar = tqdm(total=total, desc=what, unit=unit, delay=0.5, leave=False, bar_format=shape)

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    @property
    def callback(self) -> Optional[Callable[[float], None]]:
        """Takes how much is done; None where nobody wants to know."""
        return None if self._bar is None else self.show

    def show(self, done: float, note: str = "") -> None:
        """Moves the bar to where ``done`` of ``total`` is done."""
        if self._bar is not None:
            if note:
                self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(done - self._bar.n)
