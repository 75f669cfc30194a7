"""`pip install .` into an environment that sees the system's packages needs no network."""

import os
import subprocess
import sys
import zipfile

from conftest import LEADER_LOSS, ROOT


def run(*command, **options):
    # No proxy and no index: whoever asks the network is refused.
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "LD_PRELOAD")}
    environment |= {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_pip_installs_it_into_an_environment(tmp_path):
    run("/usr/bin/python3", "-m", "venv", "--system-site-packages", tmp_path / "venv")
    python = tmp_path / "venv/bin/python"
    run(python, "-m", "pip", "install", ROOT)
    code = "import windtunnel as wt, sys; print(wt.__file__, wt.run(sys.argv[1], seed=7).digest)"
    file, digest = run(python, "-c", code, ROOT / LEADER_LOSS, cwd=tmp_path).split()
    assert file.startswith(str(tmp_path)) and digest == "996d3ebf110cdf64194fa3440e4c7525"


def test_equal_sources_give_equal_wheels_and_a_whole_package(tmp_path):
    sys.path.insert(0, str(ROOT / "bindings"))
    import wheel_backend

    wheels = [tmp_path / "first", tmp_path / "second"]
    for directory in wheels:
        directory.mkdir()
        wheel_backend.build_wheel(str(directory))
    [first], [second] = (list(directory.iterdir()) for directory in wheels)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as wheel:
        names = set(wheel.namelist())
    package = ROOT / "bindings/windtunnel"
    assert {file.relative_to(package.parent).as_posix() for file in package.rglob("*.py*")
            if "__pycache__" not in file.parts} <= names
