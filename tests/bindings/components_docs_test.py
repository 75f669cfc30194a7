"""The examples of docs/python-components.md give what the page says."""

from __future__ import annotations

import doctest
import pathlib
import re

import numpy as np

import windtunnel as wt

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "python-components.md"


def test_the_examples_give_what_the_page_says() -> None:
    text = re.sub(r"(?m)^\s*```.*$", "", PAGE.read_text(encoding="utf-8"))
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
    examples = doctest.DocTestParser().get_doctest(text, {"wt": wt, "np": np}, PAGE.name, str(PAGE), 0)
    outcome = doctest.DocTestRunner(optionflags=flags).run(examples)
    assert outcome.attempted > 25
    assert outcome.failed == 0
