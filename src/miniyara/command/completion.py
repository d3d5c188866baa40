"""``miniyara completion SHELL``: what lets a shell complete options, made from the parsers."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from miniyara.command import options
from miniyara.command.subcommands import MODULES, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from miniyara.terminal import Terminal

_DESCRIPTION = """\
Print what lets a shell complete the options of miniyara.

  bash: miniyara completion bash > ~/.local/share/bash-completion/completions/miniyara
  zsh:  miniyara completion zsh > FOLDER/_miniyara, where FOLDER is in $fpath
  fish: miniyara completion fish > ~/.config/fish/completions/miniyara.fish"""


@dataclass(frozen=True, slots=True)
class Option:
    """An option as a shell has to know it."""

    names: tuple[str, ...]
    meaning: str
    takes_value: bool
    values: tuple[str, ...]
    """What the value can be; empty if it is a file or anything else."""


def command(arguments: Sequence[str]) -> Callable[[Terminal], None]:
    """Return what ``miniyara completion`` with these arguments does."""
    return partial(_print, parser().parse_args(arguments).shell)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments behind ``completion``."""
    made = argparse.ArgumentParser(
        prog="miniyara completion",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("shell", choices=sorted(SHELLS), help="the shell")
    return made


def _print(shell: str, terminal: Terminal) -> None:
    commands = {"": list(_options(options.parser()))}
    for name in MODULES:
        commands[name] = list(_options(load(name).parser()))
    terminal.say("\n".join(SHELLS[shell](commands)))


def _options(parser: argparse.ArgumentParser) -> Iterator[Option]:
    """Yield the options of a parser; ``values`` of an argument are an option without a name."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to tell
        names, values = tuple(action.option_strings), tuple(action.choices or ())
        if names or values:
            meaning = " ".join((action.help or "").split())
            yield Option(names, meaning, action.nargs != 0, values)


Commands = dict[str, list[Option]]
"""The options of each subcommand; those of the plain command under an empty name."""


def _bash(commands: Commands) -> Iterator[str]:
    yield "# bash completion of miniyara"
    yield "_miniyara() {"
    yield '    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=""'
    yield f"    local names={_quoted(' '.join(MODULES))} command=${{COMP_WORDS[1]}}"
    yield '    [[ " $names " == *" $command "* && $COMP_CWORD -gt 1 ]] || command=""'
    yield '    case "$command $before" in'
    for name, known in commands.items():
        for option in known:
            if option.names and option.takes_value:
                patterns = "|".join(_quoted(f"{name} {one}") for one in option.names)
                yield f"        {patterns}) words={_quoted(' '.join(option.values))};;"
    for name, known in commands.items():
        words = [one for option in known for one in option.names or option.values]
        yield f"        {_quoted(name + ' ')}*) words={_quoted(' '.join(words))};;"
    yield "    esac"
    yield '    [[ $COMP_CWORD -eq 1 ]] && words="$names $words"'
    yield '    COMPREPLY=($(compgen -W "$words" -- "$word"))'
    yield "}"
    yield "# Where nothing fits, files do."
    yield "complete -o bashdefault -o default -F _miniyara miniyara"


def _zsh(commands: Commands) -> Iterator[str]:
    yield "#compdef miniyara"
    yield "# zsh completion of miniyara"
    yield '_miniyara_first() { _alternative "names:subcommand:($names)" "files:file:_files" }'
    yield 'local command=""'
    yield f"local -a names=({' '.join(MODULES)})"
    yield "if (( CURRENT > 2 && ${names[(Ie)${words[2]}]} )); then"
    yield "    command=${words[2]}"
    yield "    shift words"
    yield "    (( CURRENT-- ))"
    yield "fi"
    yield 'case "$command" in'
    for name, known in commands.items():
        specs = [spec for option in known for spec in _zsh_specs(option)]
        if not name:
            specs.append("1:what to do:_miniyara_first")
        specs.append("*:file:_files")
        yield f"    {_quoted(name)}) _arguments -s {' '.join(map(_quoted, specs))};;"
    yield "esac"


def _zsh_specs(option: Option) -> Iterator[str]:
    meaning = option.meaning.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    values = f"({' '.join(option.values)})" if option.values else "_files"
    if not option.names:
        yield f"1:value:{values}"
    for one in option.names:
        yield f"*{one}[{meaning}]" + (f":value:{values}" if option.takes_value else "")


def _fish(commands: Commands) -> Iterator[str]:
    yield "# fish completion of miniyara"
    names = " ".join(MODULES)
    yield f"complete -c miniyara -n __fish_use_subcommand -a {_fish_quoted(names)}"
    for name, known in commands.items():
        seen = f"__fish_seen_subcommand_from {name or names}"
        when = seen if name else f"not {seen}"
        for option in known:
            parts = ["complete -c miniyara", "-n", _fish_quoted(when)]
            parts += (
                f"-l {one[2:]}" if one[:2] == "--" else f"-s {one[1:]}" for one in option.names
            )
            if option.takes_value and option.names:
                parts.append("-r")
            if option.values:
                parts.append(f"-a {_fish_quoted(' '.join(option.values))}")
            yield " ".join([*parts, "-d", _fish_quoted(option.meaning)])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


SHELLS: Final[dict[str, Callable[[Commands], Iterator[str]]]] = {
    "bash": _bash,
    "fish": _fish,
    "zsh": _zsh,
}
