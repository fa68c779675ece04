"""`exrx training week`: which weekly targets seven days of activity meet, and what is short."""

from __future__ import annotations

import argparse
import json
import re
from typing import TYPE_CHECKING, Any

from exrx.cli import DONE, print_text
from exrx.cli.ctcae import print_lines

if TYPE_CHECKING:
    from exrx.training.targets import ActivityDay

_DAY = re.compile(r"(?P<moderate>\d{1,4})(?P<bouts>(?:\+\d{1,4})*)(?P<strength>s?)")
_WORDS = {
    "da": {"met": "opfyldt", "short": "mangler", "of": "af", "unverified": "ikke kontrolleret"},
    "en": {"met": "met", "short": "short of", "of": "of", "unverified": "unverified"},
}
_EPILOG = """\
A day is minutes of moderate activity, +minutes for each unbroken bout of high
intensity, and s for strength training: 30, 10+20s, 10+10+10, 0.
example (two classes and five walks):
  exrx training week 30 10+20s 30 10+20s 30 30 30"""


def add_week(kinds: Any) -> None:
    """Add `training week`."""
    parser = kinds.add_parser("week", help="which targets seven days meet", epilog=_EPILOG, allow_abbrev=False,
                              formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("days", nargs="+", metavar="DAY", help="seven days from Monday, such as 10+20s")
    parser.add_argument("--lang", choices=("da", "en"), default="en", help="default en")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="default table")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print each target as met or with what is short."""
    from exrx.errors import PlanError
    from exrx.training.targets import DAYS_A_WEEK, check_week, load_targets

    if len(arguments.days) != DAYS_A_WEEK:
        raise PlanError(f"a week is seven days, not {len(arguments.days)}; write 0 for a day without activity")
    week = [_day(text) for text in arguments.days]
    results = {target.id: (target, check_week(week, target)) for target in load_targets().values()}
    if arguments.format == "json":
        rows = [{**result.to_dict(), "unverified": list(target.unverified)} for target, result in results.values()]
        print_text(json.dumps(rows, ensure_ascii=False, indent=1))
        return DONE
    words = _WORDS[arguments.lang]
    for name, (target, result) in results.items():
        mark = f" [{words['unverified']}]" if target.unverified else ""
        short = "; ".join(f"{entry.text[arguments.lang]} ({entry.got} {words['of']} {entry.needed})"
                          for entry in result.shortfalls)  # fmt: skip
        print_lines([f"{name}: {words['met'] if result.met else words['short'] + ' ' + short}{mark}"])
    return DONE


def _day(text: str) -> ActivityDay:
    from exrx.errors import PlanError
    from exrx.training.targets import ActivityDay

    found = _DAY.fullmatch(text.strip().casefold())
    if found is None:
        raise PlanError(f"'{text:.30}' is not a day; write for example 30, 10+20s or 0")
    bouts = tuple(int(bout) for bout in found["bouts"].split("+") if bout)
    return ActivityDay(int(found["moderate"]), bouts, bool(found["strength"]))
