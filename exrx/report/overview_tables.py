"""The tables of a cohort's overview: from its content, made of printed counts only, to rows of text and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from exrx.fields import Dictionary
from exrx.report import CLEARANCES, TRACKS, Phrases, first_sentence, shown_count, shown_date
from exrx.report.overview_words import WORDS


@frozen
class Span:
    """A number with its interval, or that it is hidden; None is an end that is not there."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    digits: int = 1
    hidden: bool = False


Cell = str | int | Span | None
MOST_NAMES = 3


@frozen
class Grid:
    """A table: `name` for its file, `title`, `lead` (a sentence), `heads`, `rows`; None is a hidden number.

    With `shares`, the numbers after the first are parts of the first, whose percents may be shown. `row_heads` columns
    at the left are words.
    """

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lead: str = ""
    shares: bool = False
    section: str = ""


class Teller:
    """The words of one language for one overview."""

    def __init__(self, content: Mapping[str, Any], lang: str, names: Dictionary) -> None:
        self.content, self.lang, self.names = content, lang, names
        self.words, self.phrases = WORDS[lang], Phrases(lang, names)

    def count(self, number: int | None) -> str:
        """A number for people, or the mark of a hidden one."""
        return self.words["mark"] if number is None else shown_count(number, self.lang)

    def span(self, found: Span) -> tuple[str, str]:
        """A number, or a dash where there is none, and its interval; the mark where it is hidden."""
        if found.hidden or found.value is None:
            return (self.words["mark"] if found.hidden else "–"), ""
        value, low, high = (self.decimal(end, found.digits) for end in (found.value, found.low, found.high))
        return value, f"{low} {self.words['to']} {high}"

    def decimal(self, number: float | None, digits: int) -> str:
        """A number with these decimals, a comma in Danish; an end that is not there is no limit."""
        if number is None:
            return "∞"
        text = f"{number:.{digits}f}".replace("-", "−")
        return text.replace(".", ",") if self.lang == "da" else text

    def share(self, part: int | None, whole: int | None) -> str:
        """A part in whole percent, empty where either is hidden or there is nobody."""
        if part is None or not whole:
            return ""
        percent = 100 * part / whole
        text = "<1" if 0 < percent < 0.5 else ">99" if 99.5 <= percent < 100 else f"{percent:.0f}"
        return f"{text} %"

    def with_share(self, part: int | None, whole: int | None) -> str:
        """A number with its percent in brackets."""
        share = self.share(part, whole)
        return f"{self.count(part)} ({share})" if share else self.count(part)

    def day(self, day: str) -> str:
        """A date for people."""
        return shown_date(day, self.lang)

    def head(self) -> str:
        """Whom the report is about, in one line."""
        stage = self.content["stage"]
        return self.words["head"].format(
            n=self.count(self.content["patients"]), protocol=self.content["protocol"], version=self.content["version"],
            stage=self.words.get(f"stage {stage}", stage), day=self.day(self.content["as_of"]),
        )  # fmt: skip

    def legend(self) -> str:
        """What the mark of a hidden number means."""
        limit = self.content["smallest"]
        return self.words["legend" if limit > 1 else "legend off"].format(limit=limit)

    def reason(self, reason: Mapping[str, Any]) -> str:
        """A rule's reason, its first sentence."""
        return first_sentence(self.phrases.text(reason["because"])).rstrip(".")

    def reasons(self, reasons: Sequence[Mapping[str, Any]]) -> list[tuple[str, int | None]]:
        """Reasons in words with their numbers; of rules that begin alike the first, which is the most frequent."""
        told: dict[str, int | None] = {}
        for reason in reasons:
            told.setdefault(self.reason(reason), reason["n"])
        return list(told.items())

    def fact(self, fact: Mapping[str, Any], most: int = MOST_NAMES) -> str:
        """The facts that the same patients lack, the first of them by name."""
        names = [self.words_of(name) for name in fact["fields"]]
        first = ", ".join(names[:most])
        rest = len(names) - most
        return self.words["and more"].format(x=first, n=rest) if rest > 0 else first

    def words_of(self, name: str) -> str:
        """A field's label; a second reading is none."""
        if name == "second-reading":
            return {"da": "en ny måling til bekræftelse", "en": "a second reading to confirm"}[self.lang]
        return self.phrases.label(name)

    def domains(self, names: Sequence[str]) -> str:
        """Domains joined by a plus."""
        return " + ".join(self.phrases.word("domains", name) for name in names)

    def label(self, row: Mapping[str, Any]) -> str:
        """A row's label."""
        return self.phrases.text(row["label"])


def grids(content: Mapping[str, Any], lang: str, names: Dictionary) -> list[Grid]:
    """Every table of the report, in its order."""
    teller = Teller(content, lang, names)
    return [*_flow(teller), *_by_group(teller), *_overlaps(teller), *_missing(teller), *_target(teller),
            *_attendance(teller), *_monitoring(teller), *_equity(teller)]  # fmt: skip


def _flow(t: Teller) -> Iterator[Grid]:
    words, flow, rows = t.words, t.content["flow"], []
    rows.append((words["patients"], "", t.content["patients"]))
    for step in flow["leaving"]:
        rows.append((words[step["step"]], "", step["n"]))
        rows += [("", text, number) for text, number in t.reasons(step["reasons"])]
    rows.append((words["may train"], "", flow["may_train"]))
    rows += [("", words[key], flow[key]) for key in ("clear", "modify")]
    rows += [("", f"{words['track']}: {words[key]}", number) for key, number in flow["tracks"].items()]
    if flow["planned"] is not None and t.content["target"]:
        last = t.content["target"]["weeks"][-1]
        rows.append((words["planned"], "", flow["planned"]))
        rows.append((words["target reached"].format(week=last["week"]), "", last["all"]))
    if "trained" in flow:
        rows += [(words[key.replace("_", " ")], "", flow[key]) for key in ("trained", "not_trained", "no_log")]
    heads = (words["flow step"], words["reasons"], words["n"])
    yield Grid("flow", words["flow"], heads, tuple(rows), section="flow")


def _by_group(t: Teller) -> Iterator[Grid]:
    for name, table in t.content["tables"].items():
        title = t.words["by"].format(x=t.phrases.text(table["label"]))
        for part, keys in (("clearance", CLEARANCES), ("track", TRACKS)):
            rows = [(t.label(row), row["n"], *(row[part][key] for key in keys)) for row in table["rows"]]
            rows.append((t.words["all"], table["all"]["n"], *(table["all"][part][key] for key in keys)))
            heads = (t.phrases.text(table["label"]), t.words["n"], *(t.words[key] for key in keys))
            heading = f"{title}: {t.words[part]}"
            yield Grid(f"{part}-by-{name.replace('_', '-')}", heading, heads, tuple(rows), "", True, "groups")


def _overlaps(t: Teller) -> Iterator[Grid]:
    found, words = t.content["overlaps"], t.words
    lead = words["overlaps lead"].format(n=t.count(found["n"]))
    if not found["sets"]:
        limit = max(t.content["smallest"], 1)
        yield Grid("reasons", words["overlaps"], (words["domain"], words["n"]), (),
                   f"{lead} {words['no overlaps'].format(limit=limit)}", section="overlaps")  # fmt: skip
        return
    sets = tuple((t.domains([row["domain"]]), row["n"]) for row in found["sets"])
    yield Grid("reasons", words["overlaps"], (words["domain"], words["n"]), sets, lead, section="overlaps")
    rows = [(t.domains(row["domains"]), row["n"]) for row in found["combinations"]]
    rows.append((words["other combinations"], found["other"]))
    heads = (words["combination"], words["n"])
    yield Grid("reasons-together", words["overlaps"], heads, tuple(rows), section="overlaps")


def _missing(t: Teller) -> Iterator[Grid]:
    found, words = t.content["missing"], t.words
    rows: list[tuple[Cell, ...]] = [
        (t.fact(fact), t.phrases.word("who", fact["who"]), fact["alone"], fact["together"]) for fact in found["facts"]
    ]
    rows += [(words[key.replace("_", " ")], "", found[key], "") for key in ("others_alone", "several", "unnamed")]
    heads = (words["fact"], words["who"], words["alone"], words["together"])
    lead = words["missing lead"].format(n=t.count(found["waiting"]))
    yield Grid("missing", words["missing"], heads, tuple(rows), lead, section="missing")


def _target(t: Teller) -> Iterator[Grid]:
    found, words = t.content["target"], t.words
    if found is None:
        yield Grid("target", words["target"], (), (), words["no target"], section="target")
        return
    ways = list(found["planned"])
    rows = [(words["planned"], *(found["planned"][way] for way in ways))]
    rows += [(f"{words['week']} {row['week']}", *(row[way] for way in ways)) for row in found["weeks"]]
    lead = words["target lead"].format(training=found["training"], target=found["target"], day=t.day(found["start"]))
    yield Grid("target", words["target"], (words["week"], *(words[way] for way in ways)), tuple(rows), lead,
               section="target")  # fmt: skip


def _attendance(t: Teller) -> Iterator[Grid]:
    found, words = t.content["attendance"], t.words
    if found is None:
        yield Grid("attendance", words["attendance"], (), (), words["no sessions"], section="attendance")
        return
    rows = [(words.get(row["key"], f"{row['key'].replace('-', '–')} %"), row["n"]) for row in found["bands"]]
    yield Grid("attendance", words["attendance"], (words["band"], words["n"]), tuple(rows), words["attendance lead"],
               section="attendance")  # fmt: skip
    stopped = [(t.label(row), row["n"]) for row in found["stopped"]["answers"]]
    stopped.append((words["unknown"], found["stopped"]["missing"]))
    yield Grid("stopped", words["stopped"], (words["stop reason"], words["n"]), tuple(stopped), section="attendance")


def _monitoring(t: Teller) -> Iterator[Grid]:
    words, rows, places = t.words, [], []
    for item in t.content["monitoring"]:
        name = words[item["item"]]
        if not item["collected"]:
            rows.append((name, words["not collected"], "", ""))
            continue
        told = [f"{t.label(row)} {t.with_share(row['n'], item['n'])}" for row in item.get("answers", ())]
        rows.append((name, item["n"], item["missing"], " · ".join(told)))
        places += [(name, t.label(row), row["n"], row["missing"]) for row in item.get("places", ())]
    heads = (words["item"], words["known"], words["unknown"], words["answers"])
    yield Grid("monitoring", words["monitoring"], heads, tuple(rows), words["monitoring lead"], section="monitoring")
    if places:
        label = next(name for name in ("region", "municipality") if name in t.content["tables"])
        where = t.phrases.text(t.content["tables"][label]["label"])
        yield Grid("monitoring-by-place", words["by place"].format(x=where),
                   (words["item"], where, words["known"], words["unknown"]), tuple(places),
                   section="monitoring")  # fmt: skip


def _equity(t: Teller) -> Iterator[Grid]:
    words, groups = t.words, t.content["equity"]["groups"]
    compared = {name: group for name, group in groups.items() if group["indicators"]}
    lead = words["equity lead"] if compared else words["no equity"]
    if not compared:
        yield Grid("equity", words["equity"], (), (), lead, section="equity")
    for name, group in compared.items():
        rows = [row for each in group["indicators"] for row in _gap_rows(t, each)]
        keys = ("indicator", name, "known", "unknown", "has it", "share %", "gap", "ratio")
        heads = tuple(words[key] for key in keys)
        table = f"equity-by-{name.replace('_', '-')}"
        yield Grid(table, gap_title(t, name, group), heads, tuple(rows), lead, section="equity")


def gap_title(t: Teller, name: str, group: Mapping[str, Any]) -> str:
    """Which groups are compared, and with which."""
    labels = {row["key"]: t.label(row) for row in group["indicators"][0]["rows"]}
    against = labels.get(group["reference"], t.words["others"])
    return f"{t.words[name].capitalize()}, {t.words['gap to'].format(x=against)}"


def _gap_rows(t: Teller, indicator: Mapping[str, Any]) -> Iterator[tuple[Cell, ...]]:
    for place, row in enumerate(indicator["rows"]):
        first = t.words[indicator["indicator"]] if place == 0 else ""
        gaps = (span_of(row["difference"], 1), span_of(row["ratio"], 2)) if "difference" in row else ("", "")
        yield (first, t.label(row), row["n"], row["missing"], row["yes"], span_of(row["share"], 1), *gaps)


def span_of(found: Mapping[str, float | None] | None, digits: int) -> Span:
    """A number of the content with its interval; None is hidden."""
    if found is None:
        return Span(hidden=True)
    return Span(found["value"], found["low"], found["high"], digits)
