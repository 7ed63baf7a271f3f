"""What users install: a wheel built from the sdist works in an empty environment, far from the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import flashgen

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "decks" / "sample" / "small-promises.txt"
OFFLINE = re.compile(r"No matching distribution|Connection|Retrying|resolve|timed out", re.IGNORECASE)


def run(*command: object, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, and from what it holds the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    made = run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, folder=ROOT)
    assert made.returncode == 0, made.stderr
    with tarfile.open(next(folder.glob("*.tar.gz"))) as sdist:
        sdist.extractall(folder, filter="data")
    source = next(path for path in folder.iterdir() if path.is_dir())
    made = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=source)
    assert made.returncode == 0, made.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_all_that_the_checkout_has(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        held = set(file.namelist())
    wanted = {
        path.relative_to(ROOT)
        for folder in (ROOT / "flashgen", ROOT / "templates")
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    named = {str(path) if path.parts[0] == "flashgen" else f"flashgen/{path}" for path in wanted}
    assert {name.replace(os.sep, "/") for name in named} - held == set()


def test_the_wheel_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    scripts = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    installed = run(
        scripts / "python", "-m", "pip", "install", "-q", "--retries", "1", wheel, folder=tmp_path
    )
    if installed.returncode and OFFLINE.search(installed.stderr):
        pytest.skip("flashgen's dependencies cannot be downloaded here")
    assert installed.returncode == 0, installed.stderr
    work = tmp_path / "work"
    work.mkdir()
    sample = work / "chapter.txt"
    sample.write_bytes(SAMPLE.read_bytes())

    def flashgen_(*arguments: object) -> subprocess.CompletedProcess[str]:
        done = run(scripts / "flashgen", *arguments, folder=work)
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr
        return done

    assert flashgen_("--version").stdout == f"flashgen {flashgen.__version__}\n"
    flashgen_("make", "chapter.txt")
    package = (work / "chapter.apkg").read_bytes()
    flashgen_("build", "chapter.yaml", "-o", "again.apkg")
    assert (work / "again.apkg").read_bytes() == package
    flashgen_("new", "第一章")
    flashgen_("check", "第一章.yaml")
    assert flashgen_("schema").stdout == (ROOT / "flashgen" / "schema.json").read_text(encoding="utf-8")
