"""Measure flashgen beside its peers: python3.13 benchmarks/run.py (yaml2anki needs 3.13).

Makes an environment for each program and the inputs in benchmarks/.work, runs every program on every size in
turn, round after round, so that whatever else the machine does falls on all alike, and writes README.md and
growth.svg beside this file: medians of time and of peak memory, each run a process of its own. `--quick` tries
the small sizes once and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = HERE / ".work"
RUNS = 3
LONG = 60.0
"""Seconds; what takes longer is run once."""
TIMEOUT = 150.0
"""Seconds; what takes longer is stopped, and not tried on larger inputs."""

ENVIRONMENTS = {
    "flashgen": [str(ROOT)],
    "yaml2anki": ["yaml2anki==0.1.4"],
    "anki-yaml-tool": ["anki-yaml-tool==0.4.0"],
    "genanki": ["genanki==0.13.1"],
    "jieba": ["jieba==0.42.1", "setuptools<81"],
    "sumy": ["sumy==0.12.0", "jieba==0.42.1", "numpy", "setuptools<81"],
    "textrank4zh": ["textrank4zh==0.3", "networkx<3", "numpy<2.3", "scipy<1.16", "setuptools<81"],
    "pypinyin": ["pypinyin==0.55.0"],
    "g2pM": ["g2pM==0.1.2.5", "numpy"],
}

GENANKI = """
import genanki, json, sys
model = genanki.Model(1, "m", fields=[{"name": "Front"}, {"name": "Back"}],
    templates=[{"name": "c", "qfmt": "{{Front}}", "afmt": "{{Back}}"}])
deck = genanki.Deck(2, "d")
for card in json.load(open(sys.argv[1], encoding="utf-8")):
    deck.add_note(genanki.Note(model, [card["front"], card["back"]]))
genanki.Package(deck).write_to_file(sys.argv[2])
"""
JIEBA = """
import jieba, sys
print(sum(1 for _ in jieba.cut(open(sys.argv[1], encoding="utf-8").read())))
"""
SUMY = """
import sys
from sumy.nlp.tokenizers import Tokenizer
from sumy.parsers.plaintext import PlaintextParser
from sumy.summarizers.lex_rank import LexRankSummarizer
text = open(sys.argv[1], encoding="utf-8").read()
for sentence in LexRankSummarizer()(PlaintextParser.from_string(text, Tokenizer("chinese")).document, 40):
    print(sentence)
"""
TEXTRANK = """
import sys
from textrank4zh import TextRank4Sentence
ranked = TextRank4Sentence()
ranked.analyze(text=open(sys.argv[1], encoding="utf-8").read(), lower=True, source="all_filters")
for sentence in ranked.get_key_sentences(num=40):
    print(sentence.sentence)
"""
PYPINYIN = """
import sys
from pypinyin import Style, lazy_pinyin
for line in open(sys.argv[1], encoding="utf-8"):
    print(*lazy_pinyin(line, style=Style.TONE))
"""
G2PM = """
import sys
from g2pM import G2pM
model = G2pM()
for line in open(sys.argv[1], encoding="utf-8"):
    print(*model(line))
"""
ARGPARSE = "import argparse; argparse.ArgumentParser(description='A bare parser.').parse_args()"


@dataclass(frozen=True, slots=True)
class Program:
    """What is measured: its command for an input of a size, and what comes before a run without being measured."""

    name: str
    command: Callable[[int], list[str]]
    before: Callable[[int], None] = lambda size: None


@dataclass(slots=True)
class Result:
    """The runs of one program on one size: seconds and megabytes; neither where it was stopped, or not `tried`."""

    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    tried: bool = False

    def __str__(self) -> str:
        if not self.seconds:
            return f"over {TIMEOUT:.0f} s" if self.tried else "not tried"
        return f"{self.time():.2f} s, {statistics.median(self.megabytes):.0f} MB"

    def time(self) -> float:
        """Return the median."""
        return statistics.median(self.seconds)


@dataclass(frozen=True, slots=True)
class Group:
    """Programs that do the same work on inputs of the same sizes."""

    title: str
    unit: str
    sizes: Sequence[int]
    programs: Sequence[Program]
    results: dict[tuple[str, int], Result] = field(default_factory=dict)


# --- environments and inputs


def python(name: str) -> str:
    """Return the interpreter of an environment, which is made when it is not there."""
    folder = WORK / name
    binary = folder / "bin" / "python"
    if not binary.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([binary, "-m", "pip", "install", "-q", *ENVIRONMENTS[name]], check=True)
    return str(binary)


CHANGES = {
    "客户": "顾客 主顾 买家 用户 东家 住户 会员",
    "公司": "厂里 店里 社里 行里 队里 局里 所里",
    "价格": "价钱 定价 报价 标价 成本 账目 工钱",
    "员工": "师傅 伙计 同事 徒弟 工人 职员 学徒",
    "时间": "日子 工夫 钟点 时候 季节 年头 早晚",
    "产品": "机器 商品 家具 图书 药品 食品 零件",
    "问题": "难题 毛病 麻烦 缺口 疑问 差错 漏洞",
}


def text(size: int) -> Path:
    """Write a text of so many hanzi: the project's own texts over and over, each time with other words in them."""
    path = WORK / f"text-{size}.txt"
    if path.exists():
        return path
    sources = [
        ROOT / "decks" / "sample" / "small-promises.txt",
        *sorted((ROOT / "tests" / "corpus").glob("*.txt")),
    ]
    texts = [source.read_text(encoding="utf-8") for source in sources]
    chance, written, count, turn = random.Random(8), [], 0, 0
    while count < size:
        changed = texts[turn % len(texts)]
        for word, others in CHANGES.items():
            changed = changed.replace(word, chance.choice([word, *others.split()]))
        for paragraph in changed.splitlines(keepends=True):
            if count < size:
                written.append(paragraph)
                count += len(re.findall("[\u4e00-\u9fff]", paragraph))
        turn += 1
    path.write_text("".join(written), encoding="utf-8")
    return path


def deck(size: int, program: str) -> Path:
    """Write a deck of so many cards, the same for every program, in its own format."""
    path = WORK / f"{program}-{size}.{'json' if program == 'genanki' else 'yaml'}"
    if path.exists():
        return path
    clauses = re.findall(
        "(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{6,24}(?=[，。])", text(100_000).read_text(encoding="utf-8")
    )
    chance = random.Random(size)
    cards = [
        {
            "front": f"第{n}问：{chance.choice(clauses)}，怎么说？",
            "back": f"{chance.choice(clauses)}，{chance.choice(clauses)}",
        }
        for n in range(size)
    ]
    quoted = [
        (json.dumps(card["front"], ensure_ascii=False), json.dumps(card["back"], ensure_ascii=False))
        for card in cards
    ]
    match program:
        case "genanki":
            written = json.dumps(cards, ensure_ascii=False)
        case "yaml2anki":
            written = "deck_name: d\ncards:\n" + "".join(
                f"  - front: {f}\n    back: {b}\n" for f, b in quoted
            )
        case "anki-yaml-tool":
            written = (
                "config:\n  name: m\n  fields: [Front, Back]\n  templates:\n"
                "  - {name: c, qfmt: '{{Front}}', afmt: '{{Back}}'}\n  css: ''\ndeck-name: d\ndata:\n"
            ) + "".join(f"- front: {f}\n  back: {b}\n" for f, b in quoted)
        case _:
            written = "deck: d\ncards:\n" + "".join(
                f"- id: c{n}\n  front: {f}\n  back: {b}\n" for n, (f, b) in enumerate(quoted)
            )
    path.write_text(written, encoding="utf-8")
    return path


def fresh(size: int) -> None:
    """Take away what a build left."""
    deck(size, "flashgen").with_suffix(".lock").unlink(missing_ok=True)
    out(size).unlink(missing_ok=True)


def unextracted(size: int) -> None:
    """Take away what an extraction left."""
    for ending in ("yaml", "lock"):
        (WORK / f"extracted-{size}.{ending}").unlink(missing_ok=True)


def edited(size: int) -> None:
    """Leave a deck file that was built, and then edited in one place."""
    path, built = deck(size, "rebuilt"), deck(size, "rebuilt").with_suffix(".lock.built")
    if not built.exists():
        run(program("flashgen", "build", str(path), "-o", str(out(size))))
        shutil.copy(path.with_suffix(".lock"), built)
        path.write_text(path.read_text(encoding="utf-8").replace("怎么说", "怎么讲", 1), encoding="utf-8")
    shutil.copy(built, path.with_suffix(".lock"))


def out(size: int) -> Path:
    """Return where packages go."""
    return WORK / f"out-{size}.apkg"


# --- measuring


def run(command: Sequence[str]) -> tuple[float, float] | None:
    """Run a command and return its seconds and the megabytes of its peak; None where it had to be stopped."""
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, cwd=WORK)
        timer = threading.Timer(TIMEOUT, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - start
        timer.cancel()
        timer.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        if took >= TIMEOUT:
            return None
        if process.returncode:
            errors.seek(0)
            raise SystemExit(f"{' '.join(command)[:200]} failed:\n{errors.read().decode()[-2000:]}")
    return took, usage.ru_maxrss / (1024 * (1024 if sys.platform == "darwin" else 1))


def aside(prepare: Callable[[int], object], size: int) -> None:
    """Prepare an input in a process of its own: what this one has used counts as used by the programs that it starts."""
    if pid := os.fork():
        if os.waitpid(pid, 0)[1]:
            raise SystemExit("an input could not be made")
        return
    try:
        prepare(size)
        os._exit(0)
    finally:
        os._exit(1)


def measure(group: Group, runs: int) -> None:
    """Run all programs of a group on all sizes, taking turns."""
    stopped: set[str] = set()
    for size in group.sizes:
        for turn in range(runs):
            for one in group.programs:
                result = group.results.setdefault((one.name, size), Result())
                if one.name in stopped or turn >= wanted(result, runs):
                    continue
                aside(one.before, size)
                aside(one.command, size)
                measured = run(one.command(size))
                result.tried = True
                if measured is None:
                    stopped.add(one.name)
                    result.seconds.clear()
                    continue
                result.seconds.append(measured[0])
                result.megabytes.append(measured[1])
        for one in group.programs:
            print(f"{group.title:10} {size:>9,} {one.name:28} {group.results[one.name, size]}", flush=True)


def wanted(result: Result, runs: int) -> int:
    """Return how often to run what took so long."""
    if not result.seconds:
        return runs
    return 1 if result.time() > LONG else runs


def script(environment: str, code: str, *arguments: str) -> list[str]:
    """Return the command for a few lines of Python."""
    return [python(environment), "-W", "ignore", "-c", code, *arguments]


def program(environment: str, *arguments: str) -> list[str]:
    """Return the command for an installed program."""
    return [str(Path(python(environment)).with_name(environment)), *arguments]


def groups(quick: bool) -> list[Group]:
    """Return everything that is measured."""
    cards = (2, 100) if quick else (2, 100, 5_000, 50_000)
    hanzi = (10_000,) if quick else (10_000, 100_000, 1_000_000)

    def built(name: str, *options: str) -> Callable[[int], list[str]]:
        return lambda size: program(name, *options, str(deck(size, name)))

    return [
        Group(
            "--help",
            "",
            (1,),
            [
                Program("bare argparse", lambda _: script("flashgen", ARGPARSE, "--help")),
                Program("flashgen", lambda _: program("flashgen", "--help")),
                Program("yaml2anki", lambda _: program("yaml2anki", "--help")),
                Program("anki-yaml-tool", lambda _: program("anki-yaml-tool", "--help")),
            ],
        ),
        Group(
            "check",
            "cards",
            cards,
            [
                Program("flashgen", built("flashgen", "check")),
                Program("anki-yaml-tool", built("anki-yaml-tool", "validate", "--file")),
            ],
        ),
        Group(
            "build",
            "cards",
            cards,
            [
                Program("flashgen", lambda n: [*built("flashgen", "build")(n), "-o", str(out(n))], fresh),
                Program(
                    "flashgen, after one edit",
                    lambda n: program("flashgen", "build", str(deck(n, "rebuilt")), "-o", str(out(n))),
                    edited,
                ),
                Program("yaml2anki", lambda n: [*built("yaml2anki")(n), "-o", str(out(n))]),
                Program(
                    "anki-yaml-tool",
                    lambda n: [*built("anki-yaml-tool", "build", "--file")(n), "--output", str(out(n))],
                ),
                Program(
                    "genanki alone",
                    lambda n: script("genanki", GENANKI, str(deck(n, "genanki")), str(out(n))),
                ),
            ],
        ),
        Group(
            "extract",
            "hanzi",
            hanzi,
            [
                Program(
                    "flashgen",
                    lambda n: program(
                        "flashgen", "extract", str(text(n)), "-o", str(WORK / f"extracted-{n}.yaml")
                    ),
                    unextracted,
                ),
                Program("jieba, only parting", lambda n: script("jieba", JIEBA, str(text(n)))),
                Program("sumy LexRank", lambda n: script("sumy", SUMY, str(text(n)))),
                Program("textrank4zh", lambda n: script("textrank4zh", TEXTRANK, str(text(n)))),
            ],
        ),
        Group(
            "pinyin",
            "hanzi",
            hanzi,
            [
                Program(
                    "flashgen",
                    lambda n: ["sh", "-c", '"$0" pinyin < "$1"', *program("flashgen"), str(text(n))],
                ),
                Program("pypinyin", lambda n: script("pypinyin", PYPINYIN, str(text(n)))),
                Program("g2pM", lambda n: script("g2pM", G2PM, str(text(n)))),
            ],
        ),
    ]


# --- telling


def table(group: Group) -> str:
    """Return a group's results as a Markdown table."""
    heads = [f"{size:,} {group.unit}" if group.unit else "seconds, peak memory" for size in group.sizes]
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    lines += [
        f"| {one.name} | {' | '.join(str(group.results[one.name, n]) for n in group.sizes)} |"
        for one in group.programs
    ]
    return "\n".join(lines)


COLOURS = ("#c0392b", "#2471a3", "#1e8449", "#b9770e", "#6c3483")


def plot(shown: Sequence[Group]) -> str:
    """Return an SVG of time by size, both logarithmic, a panel for each group."""
    width, height, parts = 330, 260, []
    for number, group in enumerate(shown):
        times = [result.time() for result in group.results.values() if result.seconds]
        low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
        first, last = math.log10(group.sizes[0]), math.log10(group.sizes[-1])

        def x(size: float) -> float:
            return 45 + (math.log10(size) - first) / (last - first) * (width - 75)  # noqa: B023

        def y(seconds: float) -> float:
            return 220 - (math.log10(seconds) - low) / (high - low) * 185  # noqa: B023

        parts.append(
            f'<g transform="translate({number * width},0)"><text x="45" y="18" font-weight="bold">{group.title}</text>'
        )
        for power in range(low, high + 1):
            at = y(10**power)
            parts.append(f'<path d="M45 {at:.0f}H{width - 30}" stroke="#ddd"/>')
            parts.append(f'<text x="40" y="{at + 4:.0f}" text-anchor="end">{10**power:g} s</text>')
        parts += [f'<text x="{x(n):.0f}" y="236" text-anchor="middle">{n:,}</text>' for n in group.sizes]
        parts.append(f'<text x="{width / 2:.0f}" y="252" text-anchor="middle">{group.unit}</text>')
        for colour, one in zip(COLOURS, group.programs, strict=False):
            points = [
                (x(n), y(group.results[one.name, n].time()))
                for n in group.sizes
                if group.results[one.name, n].seconds
            ]
            line = " ".join(f"{a:.0f},{b:.0f}" for a, b in points)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts += [f'<circle cx="{a:.0f}" cy="{b:.0f}" r="3" fill="{colour}"/>' for a, b in points]
        for row, (colour, one) in enumerate(zip(COLOURS, group.programs, strict=False)):
            parts.append(f'<text x="52" y="{40 + 13 * row}" fill="{colour}">{one.name}</text>')
        parts.append("</g>")
    size = f'width="{width * len(shown)}" height="{height}"'
    style = 'font-family="sans-serif" font-size="11"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}><rect {size} fill="#fff"/>{"".join(parts)}</svg>\n'


def page(measured: Sequence[Group], machine: str) -> str:
    """Return README.md."""
    tables = "\n\n".join(f"## {group.title}\n\n{table(group)}" for group in measured)
    return f"""# Benchmarks

`python3.13 benchmarks/run.py` writes this page and the picture anew, with every program in an environment of its own
(yaml2anki needs Python 3.13).

{machine}. Each figure is the median of {RUNS} runs
(one of what takes over {LONG:.0f} s), a process each, the programs taking turns: seconds from start to end and the peak
of memory. What took over {TIMEOUT:.0f} s was stopped, and not tried on more.

![Time by size of the input](growth.svg)

The texts are the project's own, over and over with other words in them. The peers' decks hold the same cards, but
only flashgen finds the pinyin of every text on them, escapes what it writes, tells slips with their line, remembers
what was built, and gives the same bytes for the same input. A summariser picks sentences and makes no cards.

{tables}
"""


def main() -> None:
    """Measure everything and write the page."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--quick", action="store_true", help="small sizes, once; nothing is written")
    quick = arguments.parse_args().quick
    WORK.mkdir(exist_ok=True)
    install = [python("flashgen"), "-m", "pip", "install", "-q", "--force-reinstall", "--no-deps", str(ROOT)]
    subprocess.run(install, check=True)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = (
        f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()} on {platform.machine()}, Python "
        f"{platform.python_version()}; the machine's load was {os.getloadavg()[1]:.1f} before it began"
    )
    measured = groups(quick)
    for group in measured:
        measure(group, 1 if quick else RUNS)
    if not quick:
        (HERE / "README.md").write_text(page(measured, machine), encoding="utf-8", newline="\n")
        (HERE / "growth.svg").write_text(plot(measured[2:]), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
