"""Write docs/commands.md from the command line's own parser."""

from pathlib import Path

from flashgen import completion
from flashgen.arguments import parser

Path(__file__).resolve().parent.parent.joinpath("docs", "commands.md").write_text(
    completion.manual(parser()), encoding="utf-8", newline="\n"
)
