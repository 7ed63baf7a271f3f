"""What the pages point to is there, and the picture for contributors names every module."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from flashgen import deckfile, pipeline

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "decks" / "sample" / "small-promises.txt"
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "flashgen" / "data" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)|src=\"([^\":]+)\"", text)
    assert [link for pair in links for link in pair if link and not (page.parent / link).exists()] == []


def test_both_readmes_point_to_the_same_pages() -> None:
    one, other = (
        set(re.findall(r"\]\((docs/[^)]+|benchmarks/[^)]+)\)", (ROOT / name).read_text(encoding="utf-8")))
        for name in ("README.md", "README.zh-CN.md")
    )
    assert one == other
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} <= one


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_deck_that_a_readme_shows_is_what_its_command_writes(name: str) -> None:
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    told, made = yaml.safe_load(shown[1]), yaml.safe_load(deckfile.dump(pipeline.extract(SAMPLE).deck))
    cards = {card["id"]: card for card in made["cards"]}
    assert (told["deck"], told["source"]) == (made["deck"], made["source"])
    assert [{key: cards[card["id"]][key] for key in card} for card in told["cards"]] == told["cards"]


def test_the_picture_names_every_module() -> None:
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    modules = {path.stem for path in (ROOT / "flashgen").glob("*.py")} - {"__init__", "__main__"}
    assert [name for name in sorted(modules) if not re.search(rf"\b{name}\b", page)] == []
