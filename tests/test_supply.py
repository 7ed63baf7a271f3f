"""What flashgen brings onto a machine: bounded, free of the GPL and AGPL, and named in docs/security.md."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
COPYLEFT = re.compile(r"(?<![L-])A?GPL|Affero|(?<!Lesser )General Public", re.IGNORECASE)


def installed(requirements: list[str]) -> dict[str, metadata.Distribution]:
    """Return the distributions that requirements bring, and what these require in turn."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(map(Requirement, requirements))
    while waiting:
        one = waiting.pop()
        if one.name.lower() not in found and (one.marker is None or one.marker.evaluate({"extra": ""})):
            found[one.name.lower()] = metadata.distribution(one.name)
            waiting += map(Requirement, found[one.name.lower()].requires or ())
    return found


def licence(distribution: metadata.Distribution) -> str:
    names = ("License-Expression", "License", "Classifier")
    told = [line[:80] for name in names for line in distribution.metadata.get_all(name, [])]
    return "\n".join(line for line in told if line and (":" not in line or line.startswith("License")))


def test_every_dependency_is_free_of_the_gpl_and_told_of() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    found = installed(PROJECT["dependencies"] + EXTRAS["pdf"])
    assert len(found) > 5
    for name, distribution in found.items():
        told = licence(distribution)
        assert told, f"{name} does not say its licence"
        assert not COPYLEFT.search(told), f"{name}: {told}"
        assert re.search(rf"^\| {re.escape(name)} \|", page, re.MULTILINE | re.IGNORECASE), name


def test_dependencies_are_bounded_and_tools_pinned() -> None:
    for requirement in PROJECT["dependencies"] + EXTRAS["pdf"]:
        assert {one.operator for one in Requirement(requirement).specifier} == {">=", "<"}, requirement
    for requirement in EXTRAS["dev"]:
        assert [one.operator for one in Requirement(requirement).specifier] == ["=="], requirement
