"""`exrx`: the commands and what holds for all of them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from exrx import __version__
from exrx.cli import (
    NOTHING_DONE,
    adapt,
    allocate,
    cohort,
    compare,
    ctcae,
    demo,
    explain,
    fields,
    form,
    letter,
    outcomes,
    pathway,
    prescribe,
    protocol,
    questions,
    replay,
    screen,
    simulate,
    sweep,
    training,
    validate,
    warn,
    worklist,
)
from exrx.errors import ExrxError

_DESCRIPTION = """\
Exercise prescription and safety screening for people with cancer.
Every answer is a proposal to the professional who decides."""
_EPILOG = """\
exit codes: 0 done; 1 done, but some value, row or file was refused or a plan
could not be given (each is named); 2 nothing was done

start here: exrx demo"""
_COMMANDS = (
    demo,
    screen,
    explain,
    worklist,
    form,
    questions,
    replay,
    prescribe,
    adapt,
    training,
    protocol,
    fields,
    ctcae,
    letter,
    pathway,
    outcomes,
    cohort,
    simulate,
    compare,
    validate,
    sweep,
    allocate,
)
"""The modules of the commands, in the order in which the help names them."""


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="exrx",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=f"exrx {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in _COMMANDS:
        module.add_commands(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; a fault of the user's is one message, never a traceback."""
    if sys.stdout is None:
        warn("exrx: standard output is closed, so no answer can be given")
        return NOTHING_DONE
    _never_fail_to_print()
    try:
        arguments = build_parser().parse_args(argv)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`head`, a pager) has what it wanted; nothing may be flushed into its closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except RecursionError:
        warn("exrx: the input is nested too deeply to be read")
        return NOTHING_DONE
    except KeyboardInterrupt:
        warn("exrx: stopped")
        return 130
    except ExrxError as error:
        warn(f"exrx: {error}")
        return NOTHING_DONE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        warn(f"exrx: {place}{error.strerror or error}")
        return NOTHING_DONE
    return code


def _never_fail_to_print() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
