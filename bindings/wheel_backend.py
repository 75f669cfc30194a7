"""What `pip install .` calls (PEP 517): builds the package with CMake and puts it into a wheel.

In the tree, since it needs nothing but the standard library, CMake and Ninja: no network, and no build tool of Python's.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_NOT_IN_SDIST = {".git", "build", "out", "__pycache__"}


def _project() -> dict[str, object]:
    project: dict[str, object] = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    found = re.search(r"project\(windtunnel VERSION ([0-9.]+)", (_ROOT / "CMakeLists.txt").read_text())
    assert found, "CMakeLists.txt says which version it is"
    return {**project, "version": found[1]}


def _metadata() -> str:
    project = _project()
    lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}",
             f"Summary: {project['description']}", f"Requires-Python: {project['requires-python']}"]
    requirements = project["dependencies"]
    assert isinstance(requirements, list)
    return "\n".join(lines + [f"Requires-Dist: {each}" for each in requirements]) + "\n"


def _build_directory() -> Path:
    """The one that ./windtunnel uses, where the interpreter is the one that it uses."""
    is_systems = sys.base_prefix == "/usr"
    return _ROOT / "build" / ("release" if is_systems else f"python-{sys.implementation.cache_tag}")


def _build() -> Path:
    """Returns the directory that holds the package's directory."""
    tree = _build_directory()
    cache = tree / "CMakeCache.txt"
    if not cache.exists() or "WINDTUNNEL_PYTHON:BOOL=ON" not in cache.read_text():
        options = ["-DWINDTUNNEL_PYTHON=ON", f"-DPython_EXECUTABLE={os.path.realpath(sys.executable)}"]
        if not cache.exists():
            options.append("-DWINDTUNNEL_TESTS=OFF")
        subprocess.run(["cmake", "--preset", "release", "-B", str(tree), *options], cwd=_ROOT, check=True)
    subprocess.run(["ninja", "-C", str(tree), "python_package"], check=True)
    return tree / "python"


def _tag() -> str:
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    return f"{python}-{python}-{re.sub('[-.]', '_', sysconfig.get_platform())}"


class _Wheel:
    """A zip file that keeps the record which a wheel ends with."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self._record: list[str] = []

    def add(self, name: str, content: bytes) -> None:
        entry = zipfile.ZipInfo(name)  # Of a fixed date, so that equal contents give equal wheels.
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        self._zip.writestr(entry, content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        self._record.append(f"{name},sha256={digest},{len(content)}")

    def finish(self, record: str) -> None:
        self._zip.writestr(zipfile.ZipInfo(record), "\n".join([*self._record, f"{record},,"]) + "\n")
        self._zip.close()


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    """Builds what is stale and returns the name of the wheel."""
    stage = _build()
    project = _project()
    stem = f"{project['name']}-{project['version']}"
    name = f"{stem}-{_tag()}.whl"
    wheel = _Wheel(Path(wheel_directory) / name)
    for file in sorted((stage / "windtunnel").rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            wheel.add(file.relative_to(stage).as_posix(), file.read_bytes())
    wheel.add(f"{stem}.dist-info/METADATA", _metadata().encode())
    about = f"Wheel-Version: 1.0\nGenerator: windtunnel\nRoot-Is-Purelib: false\nTag: {_tag()}\n"
    wheel.add(f"{stem}.dist-info/WHEEL", about.encode())
    wheel.finish(f"{stem}.dist-info/RECORD")
    return name


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    """Packs the sources as they are and returns the name of the archive."""
    project = _project()
    stem = f"{project['name']}-{project['version']}"
    with tarfile.open(Path(sdist_directory) / f"{stem}.tar.gz", "w:gz") as archive:
        for entry in sorted(_ROOT.iterdir()):
            if entry.name not in _NOT_IN_SDIST:
                archive.add(entry, f"{stem}/{entry.name}",
                            filter=lambda file: None if file.name.endswith("__pycache__") else file)
        about = _metadata().encode()
        info = tarfile.TarInfo(f"{stem}/PKG-INFO")
        info.size = len(about)
        archive.addfile(info, io.BytesIO(about))
    return f"{stem}.tar.gz"
