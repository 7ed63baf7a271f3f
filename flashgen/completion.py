"""What the command line takes, read off its parser: for the shells' completion, and for docs/commands.md."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Argument:
    """An option by its `flags`, or without any a positional argument.

    `value` is how its value is called, "" where it takes none; `choices` are all that it may be.
    """

    flags: tuple[str, ...]
    value: str
    choices: tuple[str, ...]
    help: str
    repeated: bool

    def files(self) -> str | None:
        """Return the glob of the files that may be meant, "/" for a folder; None if none are."""
        match self.value.rpartition("."):
            case ("", "", "DIR"):
                return "/"
            case ("", "", "FILE" | "SOURCE"):
                return "*"
            case (_, ".", suffix):
                return f"*.{suffix}"
        return None


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name, "" for flashgen itself; its help, its examples, and what it takes."""

    name: str
    help: str
    examples: str
    arguments: tuple[Argument, ...]

    def options(self) -> list[Argument]:
        """Return the arguments that have a flag."""
        return [argument for argument in self.arguments if argument.flags]


def commands(top: argparse.ArgumentParser) -> list[Command]:
    """Return flashgen itself, and its commands in their order."""
    found = [_command("", top)]
    for action in top._actions:  # noqa: SLF001  (argparse has no other way to look into a parser)
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            found += [_command(name, parser) for name, parser in action.choices.items()]
    return found


def _command(name: str, parser: argparse.ArgumentParser) -> Command:
    arguments = []
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            continue
        choices = tuple(map(str, action.choices or ()))
        value = "" if action.nargs == 0 else str(action.metavar or f"{{{','.join(choices)}}}")
        repeated = action.nargs in ("+", "*")
        arguments.append(Argument(tuple(action.option_strings), value, choices, action.help or "", repeated))
    examples = (parser.epilog or "").partition("\n")[2].rstrip("\n")
    return Command(name, (parser.description or "").rstrip(".。"), examples, tuple(arguments))


def script(shell: str, top: argparse.ArgumentParser) -> str:
    """Return what makes a shell complete flashgen's commands, options and files."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](commands(top))


def _bash(known: Sequence[Command]) -> str:
    """For bash 3.2 (macOS) and later."""

    def case(pattern: str, words: Sequence[str], files: str | None) -> str:
        return f"    {pattern}) words='{' '.join(words)}' files='{files or ''}' ;;"

    top, *others = known
    names = [command.name for command in others]
    taken: list[str] = []
    values: list[str] = []
    for command in (*others, top):
        words = [flag for option in command.options() for flag in option.flags]
        positional = [argument for argument in command.arguments if not argument.flags]
        words += [choice for argument in positional for choice in argument.choices]
        files = next((glob for argument in positional if (glob := argument.files())), None)
        taken.append(case(command.name or "*", words if command.name else [*words, *names], files))
        for option in command.options():
            if option.value:
                pattern = "|".join(f"{command.name},{flag}" for flag in option.flags)
                values.append(case(pattern, option.choices, option.files()))
    newline = "\n"
    return f"""_flashgen() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command= n words= files=
  for ((n = 1; n < COMP_CWORD; n++)); do
    case ${{COMP_WORDS[n]}} in {"|".join(names)}) command=${{COMP_WORDS[n]}}; break ;; esac
  done
  case $command in
{newline.join(taken)}
  esac
  case $command,$prev in
{newline.join(values)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  local IFS=$'\\n'
  case $files in
    '') ;;
    /) COMPREPLY+=($(compgen -d -- "$cur")) ;;
    *) COMPREPLY+=($(compgen -f -X "!$files" -- "$cur") $(compgen -d -- "$cur")) ;;
  esac
}}
complete -o filenames -F _flashgen flashgen
"""


def _zsh(known: Sequence[Command]) -> str:
    def specs(command: Command) -> str:
        return " ".join(shlex.quote(spec) for argument in command.arguments for spec in _zsh_specs(argument))

    top, *others = known
    described = " ".join(shlex.quote(f"{command.name}:{command.help}") for command in others)
    cases = "\n".join(f"        {command.name}) _arguments -s {specs(command)} ;;" for command in others)
    return f"""#compdef flashgen
_flashgen() {{
  local state line
  local -a known
  known=({described})
  _arguments -C {specs(top)} '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command known ;;
    argument)
      case $words[1] in
{cases}
      esac ;;
  esac
}}
if [ "$funcstack[1]" = _flashgen ]; then _flashgen "$@"; else compdef _flashgen flashgen; fi
"""


def _zsh_specs(argument: Argument) -> list[str]:
    glob = argument.files()
    if argument.choices:
        action = f"({' '.join(argument.choices)})"
    else:
        action = {None: " ", "/": "_files -/", "*": "_files"}.get(glob, f"_files -g '{glob}'")
    value = f":{argument.value}:{action}" if argument.value else ""
    if not argument.flags:
        return [f"*{value}" if argument.repeated else value]
    told = argument.help.replace("[", "(").replace("]", ")").replace(":", "\\:")
    return [f"{flag}[{told}]{value}" for flag in argument.flags]


def _fish(known: Sequence[Command]) -> str:
    lines = ["complete -c flashgen -f"]
    for command in known:
        when = f"__fish_seen_subcommand_from {command.name}" if command.name else "__fish_use_subcommand"
        if command.name:
            about = shlex.quote(command.help)
            lines.append(f"complete -c flashgen -n __fish_use_subcommand -a {command.name} -d {about}")
        for argument in command.arguments:
            parts = [f"complete -c flashgen -n '{when}'"]
            parts += [f"-{'l' if flag[:2] == '--' else 's'} {flag.lstrip('-')}" for flag in argument.flags]
            parts += ["-r"] if argument.flags and argument.value else []
            match argument.files():
                case None:
                    found = " ".join(argument.choices)
                case "*":
                    found = "(__fish_complete_path)"
                case "/":
                    found = "(__fish_complete_directories)"
                case glob:
                    found = f"(__fish_complete_suffix {glob.lstrip('*')})"
            parts += [f"-a '{found}'"] if found else []
            parts += [f"-d {shlex.quote(argument.help)}"] if argument.help else []
            if argument.flags or found:
                lines.append(" ".join(parts))
    return "\n".join([*lines, ""])


def manual(top: argparse.ArgumentParser) -> str:
    """Return docs/commands.md."""
    statuses = "Exit statuses: 0 all is well, 1 something is wrong in a file, 2 in the command line, 130 interrupted."
    lines = ["# Commands", "", "Every command and option; `flashgen COMMAND --help` says the same.", statuses]
    for command in commands(top):
        usage = " ".join(
            f"{argument.value}…" if argument.repeated else argument.value
            for argument in command.arguments
            if not argument.flags
        )
        name = " ".join(filter(None, ("flashgen", command.name)))
        lines += ["", f"## {name} {usage or ('' if command.name else 'COMMAND')}".rstrip(), ""]
        lines += [f"{command.help}.", "", "| | |", "|---|---|"]
        for argument in command.arguments:
            if "--help" not in argument.flags and argument.help:
                taken = ", ".join(f"`{flag} {argument.value}`".replace(" `", "`") for flag in argument.flags)
                lines.append(f"| {taken or f'`{argument.value}`'} | {argument.help} |")
        if lines[-1] == "|---|---|":
            del lines[-3:]
        lines += ["", *(f"    {example.strip()}" for example in command.examples.splitlines())]
    return "\n".join([*lines, ""])
