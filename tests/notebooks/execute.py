#!/usr/bin/env python3
"""Executes a notebook from top to bottom in a fresh kernel, and fails where a cell fails or warns.

    execute.py NOTEBOOK            execute, and compare nothing: outputs hold wall times
    execute.py NOTEBOOK --update   write the outputs into the notebook, as they are committed
    execute.py NOTEBOOK --check    execute nothing: what is committed was executed in order, without errors, and is small
    execute.py --self-test         show that what must be found is found
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import tempfile
from typing import Any, Iterator

import nbformat
from nbconvert.preprocessors import CellExecutionError, ExecutePreprocessor

#: What a forge still shows, and a clone does not mind.
BYTES_MAX = 600_000
TIMEOUT_SECONDS = 300


def execute(notebook: Any, directory: pathlib.Path) -> list[str]:
    """Runs all cells in `directory`, which notebooks take their paths from; returns what is wrong."""
    executor = ExecutePreprocessor(timeout=TIMEOUT_SECONDS, kernel_name="python3")
    try:
        executor.preprocess(notebook, {"metadata": {"path": str(directory)}})
    except CellExecutionError as error:
        return [str(error)]
    return list(complaints(notebook))


def complaints(notebook: Any) -> Iterator[str]:
    """Errors, and anything on stderr: warnings go there, and nothing else does."""
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"cell {number} fails: {output.ename}: {output.evalue}"
            elif output.output_type == "stream" and output.name == "stderr":
                yield f"cell {number} writes to stderr: {output.text}"


def committed(notebook: Any, size: int) -> Iterator[str]:
    """What is wrong with a notebook as it was committed."""
    yield from complaints(notebook)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    if counts != list(range(1, len(counts) + 1)):
        yield f"executed in the order {counts}; expected every cell once, from top to bottom"
    if size > BYTES_MAX:
        yield f"{size} bytes; expected at most {BYTES_MAX}"
    for number, cell in enumerate(notebook.cells, start=1):
        for place in ("/root/", "/home/", "/tmp/"):
            if place in "".join(str(output) for output in cell.get("outputs", [])):
                yield f"cell {number} shows a path of the machine that executed it ({place})"


def without_traces(notebook: Any) -> None:
    """Takes out what differs with every execution: when cells ran, and the version of the interpreter."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}


def self_test() -> list[str]:
    cell = nbformat.v4.new_code_cell
    planted = {
        "an error": "1 / 0",
        "a warning": "import warnings\nwarnings.warn('planted')",
        "output on stderr": "import sys\nprint('planted', file=sys.stderr)",
    }
    missed = []
    with tempfile.TemporaryDirectory() as directory:
        for what, source in planted.items():
            if not execute(nbformat.v4.new_notebook(cells=[cell(source)]), pathlib.Path(directory)):
                missed.append(f"{what} was planted and not found")
        if found := execute(nbformat.v4.new_notebook(cells=[cell("1 + 1")]), pathlib.Path(directory)):
            missed.append(f"nothing was planted, and found was {found}")
    skipped = nbformat.v4.new_notebook(cells=[cell("1", execution_count=2)])
    if not list(committed(skipped, 0)) or not list(committed(nbformat.v4.new_notebook(), BYTES_MAX + 1)):
        missed.append("a notebook that was not executed, or is large, was not found")
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("notebook", type=pathlib.Path, nargs="?")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    os.environ["TQDM_DISABLE"] = "1"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # Else the kernel's debugger complains about Debian's Python.
    if arguments.self_test:
        wrong = self_test()
    else:
        path: pathlib.Path = arguments.notebook
        notebook = nbformat.read(path, as_version=4)
        if arguments.check:
            wrong = list(committed(notebook, path.stat().st_size))
        else:
            wrong = execute(notebook, path.parent)
        if arguments.update and not wrong:
            without_traces(notebook)
            nbformat.write(notebook, path)
            wrong = list(committed(notebook, path.stat().st_size))
    for line in wrong:
        print(f"{arguments.notebook or 'self-test'}: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
