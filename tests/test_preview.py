"""The preview: held to the official engine card by card, then through HTTP and in Chromium."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from flashgen import deckfile, language, pipeline, preview, render, starter, templates
from flashgen.problems import FlashgenError, UsageError

SAMPLE = Path(__file__).parents[1] / "decks" / "sample" / "small-promises.txt"

TEXT = """\
deck: 小店::规矩
source: {title: 开店的规矩, author: 林掌柜}
cards:
- id: zhaopai
  kind: quote
  front: 小店最值钱的是哪四个字？
  back: 童叟无欺
  section: 招牌
  source: 掌柜说，最值钱的是童叟无欺四个字。
  reverse: true
  tags: [招牌, 价格]
- id: maoli
  kind: figure
  cloze: 毛利率不超过{{一成四}}，由{{店长}}签字。
  tags: [价格]
- id: guiju
  kind: rules
  front: 店里有哪三条规矩？
  items: [先尝第一锅粥, 每晚对清账目, 退货不问理由]
"""

AWKWARD = r"""
deck: '甲 & <b>乙</b>::丙'''
source: {title: '<script>alert(1)</script>', author: "A & B · é"}
typed: true
cards:
- id: marks
  kind: qa
  front: '<img src=x onerror=alert(1)> & {{Back}} [sound:a.mp3] [[type:Back]]'
  back: 'a < b && "c" é·ñ — {d} ''e'' {{FrontSide}} [$]x[/$]'
  section: '<i>'
  tags: ['<tag>&', z, a::b]
  reverse: true
- id: holes
  kind: figure
  cloze: '{{c < d & "e" é·ñ/ʻ—’ ''f''}}，甲::乙 {{二::三}}、{{一张卡片}}和{x}。'
- id: lines
  kind: list
  front: "一行\n两行  三行"
  items: [一, 二, 三, 四, 五, 六, 七, 八, 九, 十, 十一, 十二, 十三, <b>十四</b>]
  source: "出处\n第二行 <hr>"
- id: picture
  kind: qa
  front: 这是什么图？
  back: 一个点
  image: dot.svg
  typed: true
- id: blanks
  kind: qa
  front: "空\u00a0格 [...] 和 <"
  back: "空\u00a0格 [...]"
- id: one
  kind: list
  front: 只有一条的清单？
  items: [只有这条]
"""

DOT = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><circle cx="5" cy="5" r="5"/></svg>'


@pytest.fixture(autouse=True)
def _english() -> None:
    language.speak("en")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the deck and the lock of a build, by which its pinyin is known."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "deck.yaml").write_text(TEXT, encoding="utf-8")
    pipeline.build([folder / "deck.yaml"], folder / "deck.apkg")
    return folder


@pytest.fixture
def path(built: Path, tmp_path: Path) -> Path:
    shutil.copy(built / "deck.lock", tmp_path)
    return Path(shutil.copy(built / "deck.yaml", tmp_path))


def save(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# -- the same as the engine --------------------------------------------------------------------------------


def starter_deck(path: Path) -> None:
    path.write_text(starter.text("样例", path.name), encoding="utf-8")


def awkward_deck(path: Path) -> None:
    path.write_text(AWKWARD, encoding="utf-8")
    path.with_name("dot.svg").write_text(DOT)


def sample_deck(path: Path) -> None:
    path.write_text(deckfile.dump(pipeline.extract(SAMPLE).deck), encoding="utf-8")


def with_own_templates(path: Path) -> None:
    awkward_deck(path)
    own = path.with_name("templates")
    own.mkdir()
    (own / "question.front.html").write_text(
        "<!-- {{Back}} -->{{#Section}}[{{ Section }}{{^Source}}-{{/Source}}]{{/Section}}{{^Section}}none{{/Section}}"
        "{{Tags}}|{{Type}}|{{Deck}}|{{Subdeck}}|{{Card}}|{{CardFlag}}|{{tts en_US speed=0.5:Front}}{{type:Back}}"
    )
    (own / "question.back.html").write_text(
        "{{FrontSide}}\n<hr id=answer>{{tts zh_TW:Back}}{{type:Back}}{}{{Back}}"
    )


@pytest.mark.parametrize("write", [starter_deck, awkward_deck, sample_deck, with_own_templates])
def test_every_card_is_what_the_engine_makes_of_it(write: Callable[[Path], None], tmp_path: Path) -> None:
    engine = pytest.importorskip(
        "anki_engine", reason="the official Anki engine is missing: pip install anki"
    )
    path = tmp_path / "deck.yaml"
    write(path)
    pipeline.build([path], tmp_path / "out.apkg")
    engine.add_package(tmp_path / "collection.anki2", tmp_path / "out.apkg")
    shown = preview.Preview(path)
    shown.refresh()
    assert shown.plan
    ours = {(note.guid, number): note for note in shown.plan.notes for number in note.cards}
    with engine.opened(tmp_path / "collection.anki2") as collection:
        cards = [collection.get_card(number) for number in collection.find_cards("")]
        assert {(card.note().guid, card.ord) for card in cards} == ours.keys()
        for card in cards:
            note, theirs = ours[card.note().guid, card.ord], card.render_output()
            front, back = render.render(shown.plan, note, card.ord)
            assert (front.html, back.html) == (theirs.question_text, theirs.answer_text)
            for side, tags in (front, theirs.question_av_tags), (back, theirs.answer_av_tags):
                assert side.speech == [(tag.lang, tag.field_text) for tag in tags]
            page = shown.card({"guid": note.guid, "n": str(card.ord), "side": "back"}) or ""
            assert theirs.css in page
            for box in re.findall(r"\[\[type:(.*?)\]\]", theirs.answer_text):
                *filters, name = box.split(":")
                wanted = card.note()[name]
                if "cloze" in filters:
                    wanted = collection.extract_cloze_for_typing(wanted, card.ord + 1)
                assert collection.compare_answer(wanted, "") in page


def test_sections_that_do_not_close_and_filters_that_are_not_shown(path: Path) -> None:
    own = path.with_name("templates")
    own.mkdir()
    shown = preview.Preview(path)
    shown.refresh()
    good = shown.plan
    (own / "question.front.html").write_text("{{#Section}}{{Front}}{{/Source}}")
    shown.refresh()
    assert [str(problem) for problem in shown.problems] == [
        "a template has {{/Source}} where no {{#Source}} is open"
    ]
    (own / "question.front.html").write_text("{{#Section}}{{Front}}")
    shown.refresh()
    assert [str(problem) for problem in shown.problems] == ["a template has {{#Section}} but no {{/Section}}"]
    assert shown.plan is good
    (own / "question.front.html").write_text("{{hint:Front}}")
    shown.refresh()
    assert [str(problem) for problem in shown.problems] == [
        "templates: warning: the preview leaves out 'hint:'; Anki does not"
    ]
    assert shown.plan is not good


# -- HTTP --------------------------------------------------------------------------------------------------


@dataclass
class Running:
    """A preview that runs as a process of its own."""

    process: subprocess.Popen[str]
    url: str
    port: int

    def get(self, address: str, host: str = "", method: str = "GET") -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, address, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer, answer.read().decode()

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.get("/deck")[1])
        return told


def start(path: Path, options: str = "browser=False", **more: Any) -> Running:
    code = (
        f"import pathlib; from flashgen import preview; preview.run(pathlib.Path({str(path)!r}), {options})"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, **more)
    assert process.stderr
    found = re.search(r"http://127\.0\.0\.1:(\d+)/", process.stderr.readline())
    assert found
    return Running(process, found[0], int(found[1]))


@pytest.fixture
def running(path: Path) -> Iterator[Running]:
    running = start(path)
    yield running
    running.process.kill()
    running.process.communicate()


def test_it_tells_the_cards_and_shows_each(running: Running) -> None:
    told = running.told()
    assert told["deck"] == "小店::规矩"
    assert [(note["id"], note["kind"], note["tags"], note["line"]) for note in told["notes"]] == [
        ("zhaopai", "quote", ["招牌", "价格"], 4),
        ("maoli", "figure", ["价格"], 12),
        ("guiju", "rules", [], 16),
    ]
    assert [[name for _, name in note["cards"]] for note in told["notes"]] == [
        ["问答", "反向"],
        ["填空 1", "填空 2"],
        ["全部", "第1项", "第2项", "第3项"],
    ]
    guid = told["notes"][1]["guid"]
    answer, page = running.get(
        "/card?" + urlencode({"guid": guid, "n": 1, "side": "front", "night": 1, "phone": 1})
    )
    assert answer.status == 200
    assert '<body class="card card2 nightMode night_mode">' in page
    assert 'data-ordinal="2">[...]</span>' in page
    answer, page = running.get("/card?" + urlencode({"guid": guid, "n": 0, "side": "back"}))
    assert '<body class="card card1">' in page
    assert running.get(f"/deck?version={told['version']}")[0].status == 204


def test_it_serves_nothing_else(running: Running) -> None:
    for address in (
        "/nothing",
        "/deck.yaml",
        "/../deck.yaml",
        "/%2e%2e/deck.yaml",
        "//etc/passwd",
        "/card",
        "/card?n=0",
    ):
        assert running.get(address)[0].status == 404, address


def test_it_answers_to_this_machine_alone(running: Running) -> None:
    for host in (f"127.0.0.1:{running.port}", f"localhost:{running.port}"):
        assert running.get("/deck", host)[0].status == 200
    for host in (
        "rebound.example",
        f"rebound.example:{running.port}",
        "127.0.0.1",
        f"127.0.0.1.example:{running.port}",
    ):
        answer, text = running.get("/deck", host)
        assert (answer.status, "小店" in text) == (403, False)
    assert running.get("/deck", method="POST")[0].status == 501
    with preview._Server(0, preview.Preview(Path("deck.yaml"))) as server:
        assert server.socket.getsockname()[0] == "127.0.0.1"


def test_policies_let_no_script_of_a_card_run(running: Running) -> None:
    guid = running.told()["notes"][0]["guid"]
    for address in ("/", "/deck", f"/card?guid={guid}&n=0&side=front", "/nothing"):
        headers = running.get(address)[0].headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy.get("script-src") == ("'self'" if address == "/" else None)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_errors_are_told_with_their_place_and_the_last_good_cards_stay(running: Running, path: Path) -> None:
    before = running.told()
    assert (before["stale"], before["problems"]) == (False, [])
    save(path, "back: 童叟无欺", "bakc: 童叟无欺")
    save(path, "kind: rules", "kind: rulez")
    told = running.told()
    assert told["stale"]
    assert [slip["text"] for slip in told["problems"]] == [
        f"{path}:7:3: unknown key 'bakc'; did you mean 'back'?",
        f"{path}:17:9: unknown kind 'rulez'; did you mean 'rule'?",
    ]
    assert told["notes"] == before["notes"]
    save(path, "bakc: 童叟无欺", "back: 童叟无欺")
    save(path, "kind: rulez", "kind: rules")
    assert running.told() == before


def test_a_deck_that_is_broken_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "deck.yaml"
    path.write_text("deck: [\n")
    shown = preview.Preview(path)
    told = json.loads(shown.refresh()[1])
    assert (told["notes"], told["stale"]) == ([], True)
    assert told["problems"][0]["text"].startswith(f"{path}:")


def test_it_sees_a_lock_a_template_and_an_image_change(tmp_path: Path) -> None:
    path = tmp_path / "deck.yaml"
    awkward_deck(path)
    shown = preview.Preview(path)
    versions = [shown.refresh()[0]]
    path.with_name("dot.svg").write_text(DOT.replace("10", "20"))
    versions.append(shown.refresh()[0])
    path.with_name("templates").mkdir()
    path.with_name("templates").joinpath("style.css").write_text(".card { color: teal }")
    versions.append(shown.refresh()[0])
    path.with_name("dot.svg").unlink()
    versions.append(shown.refresh()[0])
    assert "there is no file 'dot.svg'" in str(shown.problems[-1])
    assert len(set(versions)) == 4
    assert shown.refresh()[0] == versions[-1]


def test_images_are_served_under_the_name_that_anki_gets(tmp_path: Path) -> None:
    path = tmp_path / "deck.yaml"
    awkward_deck(path)
    running = start(path)
    try:
        guid = next(note["guid"] for note in running.told()["notes"] if note["id"] == "picture")
        page = running.get(f"/card?guid={guid}&n=0&side=back")[1]
        found = re.search(r'<img src="(.*?)">', page)
        assert found
        answer, text = running.get(f"/{found[1]}")
        assert (answer.status, answer.headers["Content-Type"], text) == (200, "image/svg+xml", DOT)
    finally:
        running.process.kill()
        running.process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is not a signal there")
def test_it_ends_quietly_on_ctrl_c_and_opens_the_browser(path: Path) -> None:
    seen = path.with_name("seen.txt")
    note = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
    script = path.with_name("browser.py")
    script.write_text(note)
    running = start(
        path, "browser=True", env={**os.environ, "BROWSER": f"{sys.executable} {script} {seen} %s"}
    )
    until = time.monotonic() + 20
    while not (seen.exists() and seen.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    assert seen.read_text() == running.url
    running.process.send_signal(signal.SIGINT)
    assert running.process.communicate(timeout=20)[1] == ""
    assert running.process.returncode == 0


def test_what_cannot_be_shown_is_said_before(running: Running, path: Path) -> None:
    with pytest.raises(UsageError, match=f"port {running.port}: .*choose another"):
        preview.run(path, port=running.port, browser=False)
    with pytest.raises(FlashgenError, match=r"missing\.yaml: there is no such file"):
        preview.run(path.with_name("missing.yaml"), browser=False)
    with pytest.raises(FlashgenError, match="there is no such folder of templates"):
        preview.run(path, browser=False, own=path.with_name("missing"))


# -- Chromium ----------------------------------------------------------------------------------------------


@pytest.fixture
def said() -> list[str]:
    """What the browser's console says; a test takes out what it expects."""
    return []


@pytest.fixture
def page(chromium: Any, running: Running, said: list[str]) -> Iterator[Any]:
    page = chromium.new_page(viewport={"width": 1300, "height": 900}, locale="en-GB")
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(running.url)
    page.wait_for_selector("#list li.here")
    yield page
    page.close()
    assert said == []


def side(page: Any, name: str) -> Any:
    return page.frame_locator(f"#{name}")


def ids(page: Any) -> list[str]:
    found: list[str] = page.locator("#list li").evaluate_all("rows => rows.map(row => row.dataset.id)")
    return found


def test_both_sides_in_both_widths_and_lights(page: Any) -> None:
    side(page, "front").locator(".asked", has_text="小店").wait_for()
    side(page, "back").locator(".answer", has_text="童叟无欺").wait_for()
    assert page.locator("#front").evaluate("e => e.contentWindow.innerWidth") == 390
    assert side(page, "back").locator("body").get_attribute("class") == "card card1"
    page.get_by_text("Night", exact=True).click()
    side(page, "back").locator("body.card.nightMode.night_mode").wait_for()
    paper = (
        side(page, "front").locator("body.night_mode").evaluate("e => getComputedStyle(e).backgroundColor")
    )
    assert paper == "rgb(27, 26, 24)"  # --paper of style.css at night
    page.get_by_text("Desktop").click()
    side(page, "back").locator("#qa").wait_for()
    assert page.locator("#back").evaluate("e => e.contentWindow.innerWidth") >= 700
    page.get_by_text("Back", exact=True).first.click()
    page.locator("#front").wait_for(state="hidden")
    page.keyboard.press("Space")
    page.locator("#front").wait_for(state="visible")
    page.locator("#back").wait_for(state="hidden")


def test_pinyin_opens_in_the_frame_and_keys_work_from_there(page: Any) -> None:
    front = side(page, "front")
    front.get_by_text("拼音").click()
    front.locator(".asked rt").first.wait_for(state="visible")
    page.keyboard.press("ArrowDown")
    page.locator("#tabs .here", has_text="反向").wait_for()
    page.keyboard.press("ArrowDown")
    front.locator(".asked", has_text="[...]").wait_for()
    page.keyboard.press("k")
    page.locator("#tabs .here", has_text="反向").wait_for()


def test_cards_are_filtered_by_kind_tag_and_text(page: Any) -> None:
    assert ids(page) == ["zhaopai", "maoli", "guiju"]
    page.select_option("#tag", "价格")
    assert ids(page) == ["zhaopai", "maoli"]
    page.select_option("#kind", "figure")
    assert ids(page) == ["maoli"]
    side(page, "back").locator(".cloze", has_text="成").wait_for()
    page.select_option("#kind", "rules")
    assert ids(page) == []
    page.get_by_text("no card is like that").wait_for()
    page.select_option("#tag", "")
    page.select_option("#kind", "")
    page.fill("#search", "粥")
    assert ids(page) == []
    page.fill("#search", "规矩")
    assert ids(page) == ["guiju"]


def test_a_save_shows_the_card_that_changed(page: Any, path: Path) -> None:
    page.click("#list li:nth-child(3)")
    save(path, "{{店长}}签字", "{{老板}}签字")
    page.locator("#list li.here", has_text="老板").wait_for()
    page.locator("#tabs button", has_text="填空 2").click()
    side(page, "back").locator(".cloze", has_text="老板").wait_for()
    save(path, "  back: 童叟无欺", "\tback: 童叟无欺")
    page.locator("#problems .error", has_text=f"{path}:7:1: ").wait_for()
    page.get_by_text("the cards below are from before the error").wait_for()
    assert side(page, "back").locator(".cloze").inner_text()
    save(path, "\tback: 童叟无欺", "  back: 童叟无欺")
    page.locator("#problems").wait_for(state="hidden")
    save(path, TEXT[TEXT.index("- id: maoli") : TEXT.index("- id: guiju")].replace("店长", "老板"), "")
    page.locator("#list li.here", has_text="三条规矩").wait_for()


def test_nothing_in_a_deck_is_taken_for_markup(page: Any, path: Path) -> None:
    awkward_deck(path)
    page.locator("#list li", has_text="<img src=x").wait_for()
    page.click("#list li:nth-child(1)")
    side(page, "front").locator(".asked", has_text="<img src=x onerror=alert(1)> & {{Back}}").wait_for()
    assert page.locator("#list img, #card script, #tags tag").count() == 0
    page.click("#list li:nth-child(4)")
    picture = side(page, "back").locator("img")
    picture.wait_for()
    assert picture.evaluate("e => e.naturalWidth") == 10


def test_speaker_speaks_the_hanzi(page: Any) -> None:
    page.evaluate(
        "() => { window.spoken = []; speechSynthesis.speak = one => spoken.push([one.lang, one.text]) }"
    )
    side(page, "back").locator(".replay-button").click()
    assert page.evaluate("spoken") == [["zh-CN", "童叟无欺"]]


def test_no_script_of_a_template_runs(page: Any, path: Path, said: list[str]) -> None:
    own = path.with_name("templates")
    own.mkdir()
    (own / "toggle.html").write_text("<p id=mine onclick='x'>mine</p><script>document.title = 'run'</script>")
    side(page, "front").locator("#mine").click()
    assert said
    assert all("Content Security Policy" in line for line in said)
    said.clear()
    assert page.locator("#front").evaluate("e => e.contentDocument.title") == "card"


def test_it_says_when_flashgen_has_gone(page: Any, running: Running, said: list[str]) -> None:
    running.process.kill()
    page.get_by_text("flashgen has stopped").wait_for()
    assert {line.split(": ")[-1] for line in said} == {"net::ERR_CONNECTION_REFUSED"}
    said.clear()


def test_words_of_the_page_are_chinese_for_the_chinese(chromium: Any, running: Running) -> None:
    page = chromium.new_page(locale="zh-CN")
    page.goto(running.url)
    page.get_by_text("深色").click()
    page.locator("body.night").wait_for()
    for part in ("index.html", "preview.js"):
        text = (templates.shipped() / "preview" / part).read_text(encoding="utf-8")
        for name in re.findall(r'data-word="(\w+)"|word\("(\w+)"', text):
            assert page.evaluate(f"CHINESE[{''.join(name)!r}]"), name
    page.close()
