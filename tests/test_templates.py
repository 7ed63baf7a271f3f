from __future__ import annotations

import re
from pathlib import Path

import pytest

from flashgen import templates
from flashgen.problems import FlashgenError


def test_users_file_goes_before_the_decks_own_and_the_shipped_one(tmp_path: Path) -> None:
    own, beside = tmp_path / "own", tmp_path / "templates"
    where = templates.folders(str(tmp_path / "deck.yaml"), None)
    assert templates.read("style.css", where) == (templates.shipped() / "style.css").read_text(
        encoding="utf-8"
    )
    beside.mkdir()
    (beside / "style.css").write_text("beside")
    assert templates.read("style.css", where) == "beside"
    own.mkdir()
    (own / "style.css").write_text("\ufeffown", encoding="utf-8")
    assert templates.read("style.css", templates.folders(str(tmp_path / "deck.yaml"), own)) == "own"


def test_part_of_ones_own_in_a_shipped_template(tmp_path: Path) -> None:
    (tmp_path / "foot.html").write_text("<p>{{At}}</p>\n")
    text = templates.read("question.back.html", [tmp_path, templates.shipped()])
    assert "<p>{{At}}</p>\n</article>" in text
    assert "{{>" not in text


def test_faults_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("{{> b}}")
    with pytest.raises(FlashgenError, match=r"a\.html: template 'b\.html' is not there"):
        templates.read("a.html", [tmp_path])
    (tmp_path / "b.html").write_text("{{> a}}")
    with pytest.raises(FlashgenError, match="takes itself in"):
        templates.read("a.html", [tmp_path])
    (tmp_path / "b.html").write_bytes(b"\xff")
    with pytest.raises(FlashgenError, match=r"b\.html: this template cannot be read"):
        templates.read("a.html", [tmp_path])
    with pytest.raises(FlashgenError, match="no such folder"):
        templates.folders("deck.yaml", tmp_path / "missing")


def test_lines_for_items() -> None:
    text = "{{#Item?}}\n  {{#Item*}}<li>{{Ruby*}}</li>{{/Item*}}\n<li>{{Place?}}. ?*</li>\n{{/Item?}}"
    assert templates.expand(text, 3, 2).split("\n") == [
        "{{#Item2}}",
        "{{#Item1}}<li>{{Ruby1}}</li>{{/Item1}}",
        "{{#Item3}}<li>{{Ruby3}}</li>{{/Item3}}",
        "<li>{{Place2}}. ?*</li>",
        "{{/Item2}}",
    ]


def test_shipped_templates_have_no_script_and_reach_for_nothing() -> None:
    outside = re.compile(r"<script|\bon\w+\s*=|javascript:|//|url\(|@import", re.IGNORECASE)
    for file in (*templates.shipped().glob("*.html"), templates.shipped() / "style.css"):
        assert not outside.search(file.read_text(encoding="utf-8")), file.name
