"""A comparison of two protocols in lines: who gets which answer under each, who moves and why, seats and hours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from exrx.fields import Dictionary
from exrx.report import EXAMPLE, Phrases, first_sentence, shown_count
from exrx.report.figures_text import loosened, number, percent, section, spread, table

MOST_RULES, MOST_MOVES = 10, 8
_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "head": "{n} patienter, {stage}, {day}",
        "example": f"{EXAMPLE}: syntetiske patienter eller eksempler. Intet heraf siger noget om virkelige patienter.",
        "outside": "ikke lavet til dem", "made for": "Lavet til hvem?",
        "population": "{label}: {inside} inden for målgruppen, {undecided} uvist, {outside} uden for",
        "agreement": "Samme svar?", "rows": "Rækker: A. Kolonner: B. Tallene er patienter.",
        "key": "Tal med 95 %-intervaller", "measure": "", "difference": "B - A",
        "may-train": "må træne, %", "assess": "spørg først, %", "outside share": "uden for målgruppen, %",
        "seats": "pladser på hold om ugen", "patient-hours": "patienttimer under opsyn om ugen",
        "staff-hours": "personaletimer om ugen",
        "waiting": "Desuden venter {a} (A) og {b} (B) på svar, som ville få en plads på hold, hvis de blev godkendt.",
        "same": "Blandt {n}, som begge er lavet til: samme afgørelse {clearance} %, samme spor {track} %.",
        "kappa": "Kappa for afgørelsen: uvægtet {none}, lineært vægtet {linear}, kvadratisk vægtet {quadratic}.",
        "kappa note": "Kappa siger, om svarene er mere ens, end tilfældet ville gøre dem; ikke hvem der har ret, og "
                    "ikke "
                      "hvor meget en uenighed betyder for patienten. Er næsten alle svar ens, kan kappa være lav, "
                    "selv om "
                      "enigheden er høj. Vægtningen (trin eller trin i anden) er et valg.",
        "moves": "Hvem flytter sig?", "moved": "{k} af {n} ({share} %) får en anden afgørelse eller et andet spor.",
        "nobody": "Ingen får et andet svar.", "from to": "A → B", "patients": "patienter", "more": "og {n} slags mere",
        "track move": "spor: {x}", "population move": "målgruppe: {x}", "rules": "Hvilke regler flytter dem?",
        "rule": "Reglen, der giver det strengere svar", "alone": "alene", "together": "sammen med andre",
        "more rules": "og {n} regler mere (--format json)",
        "starts_from": "protokollens udgangspunkt", "physician-limits": "en lægens forbehold",
        "assume": "Forudsætninger",
        "room": "{who}: {title}, {sessions} gange om ugen à {minutes} minutter, højst {seats} pladser, {staff} "
                "fagperson i rummet{unverified}.",
        "group": "På hold", "hospital": "Under tæt opsyn (hospital)",
        "unverified": " (ikke efterprøvet: {x})", "minutes": "minutter", "weekdays": "dage", "staff": "fagpersoner",
        "places": "pladser",
        "typical": "En typisk uge: dagens svar gælder hele ugen. Den, der må træne på egen hånd eller følges på "
                   "afstand, "
                   "behøver ingen plads; en patient, der ikke kan være på hold, får en fagperson alene. Hold er "
                   "fyldt op.",
        "planned": "Gennemsnit af {weeks} uger efter programmet {training} mod målet {target}; ellers som i en "
                   "typisk uge.",
        "drawn": "Intervaller: Wilson for andele; ellers {times} udtræk af patienter med begge svar, frø {seed}.",
        "note": "Et regnestykke om regler, ikke en beslutning om nogen patient.",
    },
    "en": {
        "head": "{n} patients, {stage}, {day}",
        "example": f"{EXAMPLE}: synthetic patients or examples. Nothing here says anything about real patients.",
        "outside": "not made for them", "made for": "Made for whom?",
        "population": "{label}: {inside} within its population, {undecided} not decided, {outside} outside",
        "agreement": "The same answer?", "rows": "Rows: A. Columns: B. The numbers are patients.",
        "key": "Figures with 95 % intervals", "measure": "", "difference": "B - A",
        "may-train": "may train, %", "assess": "ask first, %", "outside share": "outside the population, %",
        "seats": "seats in a class a week", "patient-hours": "supervised patient hours a week",
        "staff-hours": "staff hours a week",
        "waiting": "Besides, {a} (A) and {b} (B) wait for an answer who would take a seat in a class once cleared.",
        "same": "Among {n} for whom both are made: same clearance {clearance} %, same track {track} %.",
        "kappa": "Kappa of the clearance: unweighted {none}, linear weights {linear}, quadratic weights {quadratic}.",
        "kappa note": "Kappa says whether answers agree more than chance would make them; not who is right, nor "
                    "what a "
                      "disagreement means for the patient. Where nearly all answers are alike it can be low though "
                      "agreement is high. The weights (steps, or steps squared) are a choice.",
        "moves": "Who moves?", "moved": "{k} of {n} ({share} %) get another clearance or another track.",
        "nobody": "Nobody gets another answer.", "from to": "A → B", "patients": "patients", "more": "and {n} kinds "
                    "more",
        "track move": "track: {x}", "population move": "population: {x}", "rules": "Which rules move them?",
        "rule": "The rule that gives the stricter answer", "alone": "alone", "together": "with others",
        "more rules": "and {n} rules more (--format json)",
        "starts_from": "the protocol's starting point", "physician-limits": "a physician's limits",
        "assume": "Assumptions",
        "room": "{who}: {title}, {sessions} times a week for {minutes} minutes, {seats} seats at most, {staff} "
                "professional in the room{unverified}.",
        "group": "In a group", "hospital": "Under close supervision (hospital)",
        "unverified": " (not verified: {x})", "minutes": "minutes", "weekdays": "days", "staff": "professionals",
        "places": "seats",
        "typical": "A typical week: today's answer holds all week. Whoever may train alone or followed from afar "
                   "needs no "
                   "seat; a patient who cannot be in a class has one professional alone. Classes are full.",
        "planned": "The mean of {weeks} weeks of the programme {training} towards {target}; otherwise as in a "
                   "typical week.",
        "drawn": "Intervals: Wilson for shares; otherwise patients drawn {times} times with both answers, seed "
                 "{seed}.",
        "note": "A sum about rules, not a decision about any patient.",
    },
}  # fmt: skip


def comparison_report(content: Mapping[str, Any], lang: str, names: Dictionary) -> RenderableType:
    """The content of schema `exrx/compare/1` in words."""
    p, words = Phrases(lang, names), _WORDS[lang]
    parts: list[RenderableType] = [Text(f"A {_called(content['a'])}  →  B {_called(content['b'])}", style="bold")]
    day = p.date(content["as_of"])
    parts.append(Text(words["head"].format(n=_n(content, lang), stage=p.stage(content["stage"]), day=day)))
    if content["example"]:
        parts.append(Text(words["example"], style="yellow"))
    parts += [Text(said, style="yellow") for key in "ab" for said in loosened(content[key], lang)]
    parts += [*_population(content, p), *_agreement(content, p), *_key(content, p), *_moves(content, p)]
    parts += [*_rules(content, p), *_assumptions(content, p), Text(""), Text(words["note"], style="italic")]
    return Group(*parts)


def _called(side: Mapping[str, Any]) -> str:
    return f"{side['label']} {side['version']}"


def _n(content: Mapping[str, Any], lang: str) -> str:
    return shown_count(content["patients"], lang)


def figure(content: Mapping[str, Any], name: str, label: str) -> Mapping[str, Any]:
    """The figure of this name and protocol; KeyError if there is none."""
    for each in content["figures"]:
        if each["name"] == name and each["protocol"] == label:
            found: Mapping[str, Any] = each
            return found
    raise KeyError(f"{name} of {label}")


def said_answer(answer: str, p: Phrases) -> str:
    """An answer of a comparison in words: a clearance, or outside the population."""
    return _WORDS[p.lang]["outside"] if answer == "outside" else p["short " + answer]


def _population(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words = _WORDS[p.lang]
    if all(line["a"] == line["b"] == "inside" for line in content["population"]):
        return
    yield Text("")
    yield Text(words["made for"], style="bold")
    for letter in "ab":
        counts = dict.fromkeys(("inside", "undecided", "outside"), 0)
        for line in content["population"]:
            counts[line[letter]] += line["patients"]
        shown = {name: shown_count(k, p.lang) for name, k in counts.items()}
        label = f"{letter.upper()} {content[letter]['label']}"
        yield Padding(Text(words["population"].format(label=label, **shown)), (0, 0, 0, 2))


def _agreement(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words = _WORDS[p.lang]
    yield from section(words["agreement"], words["rows"])
    cells = {(line["a"], line["b"]): line["patients"] for line in content["clearance"]}
    order = [*("clear", "modify", "assess", "consult", "defer", "stop", "emergency"), "outside"]
    down = [answer for answer in order if any(a == answer for a, _ in cells)]
    across = [answer for answer in order if any(b == answer for _, b in cells)]
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    for _ in across:
        grid.add_column(justify="right", max_width=11)
    grid.add_row("", *(Text(said_answer(answer, p), style="dim") for answer in across))
    for a in down:
        row = [(shown_count(cells[a, b], p.lang) if (a, b) in cells else "·", a == b) for b in across]
        styled = (Text(text, style="bold" if same else "dim" if text == "·" else "") for text, same in row)
        grid.add_row(Text(said_answer(a, p)), *styled)
    yield Padding(grid, (0, 0, 0, 2))


def _key(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words, lang = _WORDS[p.lang], p.lang
    a, b = content["a"]["label"], content["b"]["label"]
    yield Text("")
    yield Text(words["key"], style="bold")
    rows = [("may-train", words["may-train"]), ("clearance.assess", words["assess"])]
    if any("outside" in (line["a"], line["b"]) for line in content["clearance"]):
        rows.append(("clearance.outside", words["outside share"]))
    lines = [(said, *(percent(figure(content, name, of), lang) for of in (a, b, f"{b} - {a}"))) for name, said in rows]
    lines += [
        (words[name], *(spread(figure(content, name, of), lang, 0) for of in (a, b, f"{b} - {a}")))
        for name in ("seats", "patient-hours", "staff-hours")
    ]
    for name, *three in lines:
        yield Padding(Text(name, style="dim"), (0, 0, 0, 2))
        for letter, said in zip(("A", "B", words["difference"]), three, strict=True):
            yield Padding(Text(f"{letter:<6}{said}"), (0, 0, 0, 4))
    yield Text("")
    waiting = {key: shown_count(content[key]["waiting_for_a_seat"], lang) for key in "ab"}
    if any(content[key]["waiting_for_a_seat"] for key in "ab"):
        yield Padding(Text(words["waiting"].format(**waiting)), (0, 0, 0, 2))
    both = f"{a} & {b}"
    same = {part: percent(figure(content, f"agreement.{part}", both), lang) for part in ("clearance", "track")}
    compared = shown_count(int(figure(content, "agreement.clearance", both)["n"]), lang)
    yield Padding(Text(words["same"].format(n=compared, **same)), (0, 0, 0, 2))
    kinds = (("none", "kappa"), ("linear", "kappa-linear"), ("quadratic", "kappa-quadratic"))
    found = {name: figure(content, f"{key}.clearance", both) for name, key in kinds}
    spelt = {name: spread(each, lang, 2) for name, each in found.items()}
    yield Padding(Text(words["kappa"].format(**spelt)), (0, 0, 0, 2))
    yield Padding(Text(words["kappa note"], style="dim"), (0, 0, 0, 2))


def _moves(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words, lang = _WORDS[p.lang], p.lang
    if not content["moved"]:
        yield from section(words["moves"], words["nobody"])
        return
    share = number(100 * content["moved"] / content["patients"], lang)
    moved = words["moved"].format(k=shown_count(content["moved"], lang), n=_n(content, lang), share=share)
    yield from section(words["moves"], moved)
    answers, tracks = (
        [line for line in content[part] if line["a"] != line["b"]] for part in ("clearance", "track")
    )
    moves = [(line["patients"], _arrow(line, lambda x: said_answer(x, p))) for line in answers]
    moves += [
        (line["patients"], words["track move"].format(x=_arrow(line, lambda x: p["track " + x])))
        for line in tracks
        if "none" not in (line["a"], line["b"])
    ]
    moves.sort(key=lambda move: (-move[0], move[1]))
    rows = [(said, shown_count(k, lang)) for k, said in moves[:MOST_MOVES]]
    if len(moves) > MOST_MOVES:
        rows.append((words["more"].format(n=len(moves) - MOST_MOVES),
                     shown_count(sum(k for k, _ in moves[MOST_MOVES:]), lang)))  # fmt: skip
    yield table((words["from to"], words["patients"]), rows)


def _arrow(line: Mapping[str, Any], say: Any) -> str:
    return f"{say(line['a'])} → {say(line['b'])}"


def _rules(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words, lang = _WORDS[p.lang], p.lang
    if not content["movers"]:
        return
    yield Text("")
    yield Text(words["rules"], style="bold")
    ranked = sorted(content["movers"], key=lambda mover: -mover["moved"])
    rows = [
        (_mover(mover, p), shown_count(mover["alone"], lang), shown_count(mover["together"], lang))
        for mover in ranked[:MOST_RULES]
    ]
    yield table((words["rule"], words["alone"], words["together"]), rows)
    if len(ranked) > MOST_RULES:
        yield Padding(Text(words["more rules"].format(n=len(ranked) - MOST_RULES), style="dim"), (0, 0, 0, 2))


def _mover(mover: Mapping[str, Any], p: Phrases) -> str:
    words = _WORDS[p.lang]
    said = first_sentence(p.text(mover["because"])).rstrip(".")
    said = said if mover["part"] == "clearance" else words[f"{mover['part']} move"].format(x=said)
    name = "" if mover["rule"] in words else f" [{mover['rule']}]"
    return f"{mover['side']}: {said}{name}"


def _assumptions(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    yield Text("")
    yield Text(_WORDS[p.lang]["assume"], style="bold")
    for line in assumption_lines(content, p.lang):
        yield Padding(Text(line, style="dim"), (0, 0, 0, 2))


def assumption_lines(content: Mapping[str, Any], lang: str) -> Iterator[str]:
    """What seats, hours and intervals rest on, a sentence each."""
    words, assumed = _WORDS[lang], content["assumptions"]
    for name in ("group", "hospital"):
        room = assumed[name]
        named = ", ".join(words["places" if each == "seats" else each] for each in room["unverified"])
        unverified = words["unverified"].format(x=named) if named else ""
        yield words["room"].format(
            who=words[name], title=room["title"][lang], sessions=room["sessions_per_week"], minutes=room["minutes"],
            seats=room["seats"], staff=number(room["staff"], lang, 0), unverified=unverified,
        )  # fmt: skip
    yield words["typical"]
    if assumed["training"]:
        yield words["planned"].format(**{name: assumed[name] for name in ("weeks", "training", "target")})
    yield words["drawn"].format(times=content["samples"], seed=content["seed"])
