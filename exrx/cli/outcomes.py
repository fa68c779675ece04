"""`exrx score` and `exrx effect`: questionnaires, what changed from before to after, and goals reached."""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from exrx.cli import DONE, DONE_WITH_PROBLEMS, out_file, print_text, warn, write_aside
from exrx.cli.ctcae import print_lines
from exrx.cli.screen import add_language
from exrx.formulas import harmless

_SCORE_EPILOG = """\
No question is printed: those who use a licensed form hold it. What is missing is
never counted as zero: a sum with a missing answer is an interval.
examples:
  exrx score                              the forms, their cut-offs and sources
  exrx score phq-9 answers.csv --cut-off oversigt-3
  exrx score qlq-c30 answers.csv --format csv --out scores.csv"""
_EFFECT_EPILOG = """\
examples:
  exrx effect --measures                  measures, differences that matter, sources
  exrx effect measurements.csv            columns id, date, measure, value, when
  exrx effect walks.csv --norm troosters  and age, sex, height, weight
  exrx effect --goals goals.csv           columns id, goal, weight, before, after"""


def add_commands(commands: Any) -> None:
    """Add `score` and `effect`."""
    raw = argparse.RawDescriptionHelpFormatter
    score = commands.add_parser("score", help="points and levels of filled questionnaires", epilog=_SCORE_EPILOG,
                                allow_abbrev=False, formatter_class=raw)  # fmt: skip
    score.add_argument("form", nargs="?", metavar="FORM", help="qlq-c30, phq-9, gad-7, hads, ..")
    score.add_argument("input", nargs="?", metavar="INPUT", help="CSV or Parquet: id, date and a column an item")
    score.add_argument("--cut-off", action="append", default=[], metavar="ID", help="levels by this cut-off; again")
    _add_output(score)
    score.set_defaults(run=run_score)

    effect = commands.add_parser("effect", help="what changed from before to after, and goals reached",
                                 epilog=_EFFECT_EPILOG, allow_abbrev=False, formatter_class=raw)  # fmt: skip
    effect.add_argument("input", nargs="?", metavar="INPUT", help="CSV or Parquet, a row a measurement")
    effect.add_argument("--norm", metavar="NAME", nargs="?", const="",
                        help="the six-minute walk in percent of this norm: enright-1998, troosters, ..; INPUT then "
                        "has age, sex, height and weight beside each value")  # fmt: skip
    effect.add_argument("--goals", metavar="FILE", help="CSV or Parquet, a row a goal")
    effect.add_argument("--measures", action="store_true", help="the measures and whose differences matter")
    _add_output(effect)
    effect.set_defaults(run=run_effect)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table", help="default table")
    parser.add_argument("--out", type=out_file, metavar="FILE", help="write instead of printing")
    add_language(parser)


def run_score(arguments: argparse.Namespace) -> int:
    """Score the forms of a file; exit 1 where a form or a cell was refused."""
    from exrx.errors import InputFileError
    from exrx.io.outcome_files import read_answers
    from exrx.io.patients_json import FileProblem
    from exrx.outcomes.questionnaires import find_questionnaire, load_questionnaires
    from exrx.outcomes.scoring import score
    from exrx.report.outcome_text import form_lines, problem_lines, score_lines

    if arguments.form is None:
        print_lines(form_lines(load_questionnaires().values(), arguments.lang))
        return DONE
    form = find_questionnaire(arguments.form)
    if arguments.input is None:
        raise InputFileError(f"which answers? exrx score {form.id} INPUT, a CSV with id and columns 1 to {form.items}")
    cut_offs = [form.cut_off(name) for name in arguments.cut_off]
    given = read_answers(arguments.input, form)
    scores = score(form, given.answers)
    outside = tuple(
        FileProblem(row + 1, f"{arguments.input}, row {row + 1}", "answer-outside",
                    "an answer is none of the form's own numbers; the whole form was refused")
        for row in scores.refused.nonzero()[0].tolist()
    )  # fmt: skip
    problems = (*given.problems, *outside)
    if arguments.format == "table":
        _show(arguments, [*score_lines(scores, given.ids, cut_offs, arguments.lang)])
    else:
        _write_rows(arguments, "exrx/scores/1", list(_score_rows(scores, given.ids, given.days, cut_offs)))
    _warn_all(problem_lines(problems, arguments.lang))
    return DONE_WITH_PROBLEMS if problems else DONE


def _score_rows(
    scores: Any, ids: Sequence[str], days: Sequence[str], cut_offs: Sequence[Any]
) -> Iterable[dict[str, Any]]:
    levels = {cut_off.id: (cut_off, *scores.levels(cut_off)) for cut_off in cut_offs}
    for row, (name, day) in enumerate(zip(ids, days, strict=True)):
        entry: dict[str, Any] = {"id": name, "date": day, "form": scores.form.id, "refused": bool(scores.refused[row])}
        entry["answered"] = int(scores.answered[row])
        for scale in scores.low:
            low, high = float(scores.low[scale][row]), float(scores.high[scale][row])
            entry[scale] = low if low == high else None
            if low != high and not math.isnan(low):
                entry[f"{scale}.low"], entry[f"{scale}.high"] = low, high
        for alarm in scores.form.alarms:
            entry[alarm.id] = {1: "alarm", 0: "no", -1: "unknown"}[int(scores.alarms[alarm.id][row])]
        for key, (cut_off, least, most) in levels.items():
            words = cut_off.words[int(least[row])], cut_off.words[int(most[row])]
            entry[key] = words[0] if words[0] == words[1] else f"{words[0]} .. {words[1]}"
            entry[f"{key}.verified"] = cut_off.verified
        yield entry


def run_effect(arguments: argparse.Namespace) -> int:
    """Pair what was measured before and after; exit 1 where a row was refused."""
    from exrx.errors import InputFileError
    from exrx.report.outcome_text import measure_lines

    if arguments.norm is not None and (arguments.measures or arguments.goals or arguments.input is None):
        raise InputFileError("--norm is for the six-minute walks of a file: exrx effect INPUT --norm NAME")
    if arguments.measures:
        print_lines(measure_lines(arguments.lang))
        return DONE
    if arguments.goals:
        return _run_goals(arguments)
    if arguments.input is None:
        raise InputFileError("give a file of measurements, --goals FILE, or --measures for what can be measured")
    return _run_measurements(arguments)


def _run_measurements(arguments: argparse.Namespace) -> int:
    from exrx.io.outcome_files import read_measurements, row_problems
    from exrx.io.patients_json import shown_name
    from exrx.outcomes.change import effect
    from exrx.report.outcome_text import effect_lines, problem_lines

    given = read_measurements(arguments.input, _needed(arguments.norm))
    today = date.today()  # noqa: DTZ011 - the day of the clinic, wherever it stands
    found = effect(given.ids, given.days, given.measures, given.values, given.marks, until=today)
    percent = _of_norm(found, arguments, given.people)
    read = {problem.row for problem in given.problems}
    later = [entry for entry in found.problems if not (entry[1].code == "not-a-number" and entry[0] + 1 in read)]
    later += percent.problems if percent else ()
    problems = (*given.problems, *row_problems(later, shown_name(arguments.input)))
    if arguments.format == "table":
        _show(arguments, [*effect_lines(found, arguments.lang, percent)])
    else:
        _write_rows(arguments, "exrx/effect/1", list(_change_rows(found.changes, percent)))
    _warn_all(problem_lines(problems, arguments.lang))
    return DONE_WITH_PROBLEMS if problems else DONE


def _needed(norm: str | None) -> tuple[str, ...]:
    """The facts that a norm needs in the file; refuses an empty or unknown name with all names."""
    from exrx.errors import InputFileError, PlanError
    from exrx.training.capacity.walk_norm import needed_fields

    if norm is None:
        return ()
    try:
        return needed_fields(norm)
    except PlanError as error:
        why = "There is no default: the norms differ by more than a change that matters."
        raise InputFileError(f"--norm: {error}. {why}") from None


def _of_norm(found: Any, arguments: argparse.Namespace, people: Mapping[str, Any]) -> Any:
    """The six-minute walks in percent of the norm that was asked for; None where none was."""
    from exrx.errors import InputFileError
    from exrx.training.capacity.walk_norm import walked_percent

    if arguments.norm is None:
        return None
    walks = [change for change in found.changes if change.measure.has_norms]
    if not walks:
        raise InputFileError("--norm is for the six-minute walk, and the file has none (measure: six-minute-walk)")
    return walked_percent(walks[0], arguments.norm, people)


def _change_rows(changes: Iterable[Any], percent: Any = None) -> Iterable[dict[str, Any]]:
    for change in changes:
        moved = {known: change.better(known) for known in change.measure.differences}
        difference = change.change
        for row, name in enumerate(change.ids):
            yield {
                "id": name, "measure": change.measure.id, "unit": change.measure.unit,
                "before": _number(change.before[row]), "date_before": _day(change.day_before[row]),
                "after": _number(change.after[row]), "date_after": _day(change.day_after[row]),
                "change": _number(difference[row]),
                **{known.id: _moved(int(states[row]), difference[row]) for known, states in moved.items()},
                **(_percent_of(percent, row) if percent and change.measure.has_norms else {}),
            }  # fmt: skip


def _percent_of(percent: Any, row: int) -> dict[str, Any]:
    return {
        "norm": percent.norm.id.removeprefix("walk-"), "norm.verified": percent.norm.verified,
        "norm_percent_before": _number(percent.before[row]), "norm_percent_after": _number(percent.after[row]),
        "norm_percent_change": _number(percent.change[row]),
    }  # fmt: skip


def _moved(state: int, change: float) -> str | None:
    return None if math.isnan(change) else {1: "better", 0: "unchanged", -1: "worse"}[state]


def _number(value: Any) -> float | None:
    return None if math.isnan(value) else round(float(value), 6)


def _day(value: Any) -> str | None:
    text = str(value)
    return None if text == "NaT" else text


def _run_goals(arguments: argparse.Namespace) -> int:
    from exrx.io.outcome_files import read_goals
    from exrx.outcomes.goals import attainment
    from exrx.report.outcome_text import goal_lines, problem_lines

    given = read_goals(arguments.goals)
    before = attainment(given.before, given.weights)
    after = attainment(given.after, given.weights)
    counts = (given.weights > 0).sum(axis=1).tolist()
    if arguments.format == "table":
        _show(arguments, [*goal_lines(given.ids, before, after, counts, arguments.lang)])
    else:
        rows = zip(given.ids, counts, *before, *after, strict=True)
        keys = ("t_before_low", "t_before_high", "t_after_low", "t_after_high")
        _write_rows(arguments, "exrx/goals/1", [
            {"id": name, "goals": count, **dict(zip(keys, map(_number, ends), strict=True))}
            for name, count, *ends in rows
        ])  # fmt: skip
    _warn_all(problem_lines(given.problems, arguments.lang))
    return DONE_WITH_PROBLEMS if given.problems else DONE


def _write_rows(arguments: argparse.Namespace, schema: str, rows: list[dict[str, Any]]) -> None:
    if arguments.format == "json":
        text = json.dumps({"schema": schema, "rows": rows}, ensure_ascii=False, indent=1)
    else:
        text = _as_csv(rows)
    if arguments.out is not None:
        write_aside(arguments.out, [text])
    else:
        print_text(text)


def _as_csv(rows: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: harmless(cell) for key, cell in row.items()} for row in rows)
    return text.getvalue()


def _show(arguments: argparse.Namespace, lines: list[str]) -> None:
    if arguments.out is not None:
        write_aside(arguments.out, [line + "\n" for line in lines])
    else:
        print_lines(lines)


def _warn_all(lines: Iterable[str]) -> None:
    for line in lines:
        warn(f"exrx: {line}")
