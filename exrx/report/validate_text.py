"""The engine against professionals in lines: the flow, under- and over-triage, agreement, the worst misses, harms."""

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

MOST_MISSES, MOST_TERMS = 8, 5
_LEVELS = ("go", "adapt", "ask", "not-today")
_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "head": "{p}, {stage}, mod fagpersoners vurderinger",
        "example": f"{EXAMPLE}: syntetiske patienter eller eksempler. Intet heraf siger noget om virkelige patienter.",
        "flow": "Hvor blev rækkerne af?", "read": "læst: {n} vurderinger", "refused": "ikke brugt, {why}: {n}",
        "unknown": "patienten står ikke i inddata: {n}", "ambiguous": "patienten står flere gange i inddata: {n}",
        "no_data": "intet er kendt om patienten i inddata: {n}",
        "compared": "sammenlignet: {n} vurderinger, {s} træninger, {p} patienter, {r} bedømmere",
        "input": "inddata: {n} rækker, {k} med en sammenlignet vurdering, {m} uden",
        "blinding": "Arket siger ikke om alle bedømmere, at de var blindet for svaret.",
        "table": "Svar side om side", "rows": "Rækker: fagpersonerne. Kolonner: exrx. Tallene er træninger.",
        "go": "træn", "adapt": "tilpas", "ask": "spørg først", "not-today": "ikke i dag",
        "triage": "For frit og for strengt, % (95 %-interval)",
        "under-triage.any": "for frit: exrx er friere end fagpersonerne",
        "under-triage.missed": "overset: exrx lader træne, hvor de ville spørge eller vente",
        "over-triage.any": "for strengt: exrx er strengere",
        "over-triage.kept-back": "holdt tilbage: exrx spørger eller venter, hvor de ville træne",
        "of": "{k} træninger", "by patient": "udtrukket patient for patient: {x}",
        "cleared": "Må træne, når noget mangler, %",
        "cleared.certain": "uanset hvad der mangler", "cleared.possible": "hvis alt, der mangler, er godt",
        "agreement": "Enighed ud over tilfældet (kappa, lineært vægtet; så kvadratisk)",
        "engine-panel": "exrx og fagpersonerne samlet", "engine-rater": "exrx og hver enkelt bedømmer, i gennemsnit",
        "rater-rater": "bedømmerne indbyrdes (loftet)", "one": "exrx og {rater}", "quadratic": "kvadratisk {x}",
        "kappa note": "Kappa siger, om svarene er mere ens, end tilfældet ville gøre dem; ikke hvem der har ret. Mere "
                      "enighed, end bedømmerne har indbyrdes, kan ingen vente. Intervallerne trækker patienter med "
                      "alle deres træninger.",
        "panel note": "Flere bedømmere samles til det, de fleste siger; af lige mange det mest forsigtige.",
        "misses": "De værste forskelle", "none": "Ingen.", "freer": "friere", "stricter": "strengere",
        "they": "de: {x}", "we": "exrx: {x}", "why": "fordi: {x}", "no reason": "ingen regel gælder",
        "lacks": "mangler: {x}", "more": "og {n} flere (--format json eller --out)",
        "events": "Utilsigtede hændelser", "log": "{e} hændelser, {p} patienter med timer, {h} timers træning.",
        "rate": "pr. 1.000 timer", "all": "grad {g} eller højere", "related": "heraf mulig sammenhæng med træningen",
        "patients": "patienter med mindst én hændelse, %",
        "hours note": "Hændelser hos patienter uden timer: {n}. De tæller med, så raten snarere er for høj.",
        "relation note": "Hændelser uden angivet sammenhæng: {n}. De regnes som mulige.",
        "poisson note": "Eksakte Poisson-intervaller; de regner hændelser som uafhængige, også hos samme patient.",
        "drawn": "Intervaller uden anden angivelse er Wilsons; ellers {times} udtræk af patienter, frø {seed}.",
        "note": "Et mål for regler og data, ikke en godkendelse af dem.",
        "no-name": "uden patient eller bedømmer", "identifier": "CPR-nummer", "no-verdict": "uden brugbar vurdering",
        "impossible-date": "umulig dato", "no-date": "uden dato", "after-the-day": "skrevet efter dagen",
        "unblinded": "ikke blindet", "duplicate": "gentaget", "contradiction": "modsiger sig selv",
        "calibration": "Indskrivningssvar på {n} syntetiske patienter ved siden af offentliggjorte tal",
        "published": "offentliggjort", "ours": "her, % (95 %-interval)", "of article": "{title} [{source}, {verified}]",
        "more-clearance": "skal have mere afklaret", "more-clearance-by-finding": "heraf på grund af et fund",
        "supervised": "individuelt eller under tæt opsyn", "community": "på hold", "before-any": "læge før al træning",
        "before-vigorous": "læge kun før høj intensitet", "active-no": "ingen er vant til motion",
        "active-yes": "alle er vant til motion", "asking": "Regler, der spørger en læge eller stopper: {p}",
        "rule": "", "blanket": "alle", "alone": "alene", "holds": "gælder",
        "calibration note": "De syntetiske patienter er ikke dem i artiklerne; ingen regel er tilpasset tallene, og at "
                            "de lignede hinanden ville intet bevise. Se docs/validate.md.",
    },
    "en": {
        "head": "{p}, {stage}, against professionals' verdicts",
        "example": f"{EXAMPLE}: synthetic patients or examples. Nothing here says anything about real patients.",
        "flow": "Where did the rows go?", "read": "read: {n} verdicts", "refused": "not used, {why}: {n}",
        "unknown": "the patient is not in the input: {n}",
        "ambiguous": "the patient is in the input several times: {n}",
        "no_data": "nothing is known of the patient in the input: {n}",
        "compared": "compared: {n} verdicts, {s} sessions, {p} patients, {r} raters",
        "input": "input: {n} rows, {k} with a compared verdict, {m} without",
        "blinding": "The sheet does not say of every rater that they were blinded to the answer.",
        "table": "Answers side by side", "rows": "Rows: the professionals. Columns: exrx. The numbers are sessions.",
        "go": "train", "adapt": "adapt", "ask": "ask first", "not-today": "not today",
        "triage": "Too free and too strict, % (95 % interval)",
        "under-triage.any": "too free: exrx is freer than the professionals",
        "under-triage.missed": "missed: exrx lets train where they would ask or wait",
        "over-triage.any": "too strict: exrx is stricter",
        "over-triage.kept-back": "kept back: exrx asks or waits where they would train",
        "of": "{k} sessions", "by patient": "drawn patient by patient: {x}",
        "cleared": "May train, given what is missing, %",
        "cleared.certain": "whatever is missing", "cleared.possible": "if everything missing is good",
        "agreement": "Agreement beyond chance (kappa, linear weights; then quadratic)",
        "engine-panel": "exrx and the professionals together", "engine-rater": "exrx and each single rater, on average",
        "rater-rater": "the raters with each other (the ceiling)", "one": "exrx and {rater}",
        "quadratic": "quadratic {x}",
        "kappa note": "Kappa says whether answers agree more than chance would make them, not who is right. Nobody can "
                      "ask for more agreement than the raters have with each other. Intervals draw patients with all "
                      "their sessions.",
        "panel note": "Several raters count as what most say; of equally many, the most cautious.",
        "misses": "The worst differences", "none": "None.", "freer": "freer", "stricter": "stricter",
        "they": "they: {x}", "we": "exrx: {x}", "why": "because: {x}", "no reason": "no rule holds",
        "lacks": "missing: {x}", "more": "and {n} more (--format json or --out)",
        "events": "Adverse events", "log": "{e} events, {p} patients with hours, {h} hours of training.",
        "rate": "per 1,000 hours", "all": "grade {g} or higher", "related": "of these perhaps caused by training",
        "patients": "patients with an event, %",
        "hours note": "Events of patients without hours: {n}. They count, so that the rate is rather too high.",
        "relation note": "Events without a stated relation: {n}. They count as possible.",
        "poisson note": "Exact Poisson intervals; they take events as independent, also within a patient.",
        "drawn": "Intervals are Wilson's where nothing else is said; otherwise patients drawn {times} times, "
                 "seed {seed}.",
        "note": "A measure of rules and data, not an approval of them.",
        "no-name": "without patient or rater", "identifier": "CPR number", "no-verdict": "without a usable verdict",
        "impossible-date": "impossible date", "no-date": "without a date", "after-the-day": "written after the day",
        "unblinded": "not blinded", "duplicate": "repeated", "contradiction": "contradicting itself",
        "calibration": "Enrolment answers on {n} synthetic patients beside published figures",
        "published": "published", "ours": "here, % (95 % interval)", "of article": "{title} [{source}, {verified}]",
        "more-clearance": "needs more clearance", "more-clearance-by-finding": "of these by a finding",
        "supervised": "individually or closely supervised", "community": "in a group",
        "before-any": "doctor before any",
        "before-vigorous": "doctor only before vigorous", "active-no": "nobody is used to exercise",
        "active-yes": "everybody is used to exercise", "asking": "Rules that ask a doctor or stop: {p}",
        "rule": "", "blanket": "everybody", "alone": "alone", "holds": "holds for",
        "calibration note": "The synthetic patients are not those of the articles; no rule is fitted to the figures, "
                            "and likeness would prove nothing. See docs/validate.md.",
    },
}  # fmt: skip


def validation_report(content: Mapping[str, Any], lang: str, names: Dictionary) -> RenderableType:
    """The content of schema `exrx/validate/1` in words."""
    p, words = Phrases(lang, names), _WORDS[lang]
    called = f"{content['protocol']['id']} {content['protocol']['version']}"
    parts: list[RenderableType] = [Text(words["head"].format(p=called, stage=p.stage(content["stage"])), style="bold")]
    if content["example"]:
        parts.append(Text(words["example"], style="yellow"))
    parts += [Text(said, style="yellow") for said in loosened(content["protocol"], lang)]
    parts += [*_flow(content, p)]
    if content["flow"]["sessions"]:
        parts += [*_table(content, p), *_triage(content, p), *_agreement(content, p), *_misses(content, p)]
    drawn = words["drawn"].format(times=shown_count(content["samples"], lang), seed=content["seed"])
    parts += [Text(""), Text(words["panel note"], style="dim"), Text(drawn, style="dim")]
    return Group(*parts, Text(words["note"], style="italic"))


def _line(text: str, indent: int = 2, style: str = "") -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, indent))


def _flow(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words, flow = _WORDS[p.lang], content["flow"]

    def n(key: str) -> str:
        return shown_count(flow[key], p.lang)

    yield Text("")
    yield Text(words["flow"], style="bold")
    yield _line(words["read"].format(n=n("read")))
    for why, k in flow["refused"].items():
        yield _line("- " + words["refused"].format(why=words.get(why, why), n=shown_count(k, p.lang)), 4)
    for key in ("unknown", "ambiguous", "no_data"):
        if flow[key]:
            yield _line("- " + words[key].format(n=n(key)), 4)
    yield _line(words["compared"].format(n=n("compared"), s=n("sessions"), p=n("patients"), r=n("raters")))
    yield _line(words["input"].format(n=n("input_rows"), k=n("input_with_verdict"), m=n("input_without_verdict")))
    if not content["blinding_stated"]:
        yield _line(words["blinding"], style="yellow")


def _table(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words = _WORDS[p.lang]
    yield from section(words["table"], words["rows"])
    cells = {(line["panel"], line["engine"]): line["sessions"] for line in content["table"]}
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    for _ in _LEVELS:
        grid.add_column(justify="right")
    grid.add_row("", *(Text(words[level], style="dim") for level in _LEVELS))
    for row in _LEVELS:
        shown = (Text(shown_count(cells[row, each], p.lang) if (row, each) in cells else "·",
                      style="bold" if row == each else "") for each in _LEVELS)  # fmt: skip
        grid.add_row(Text(words[row]), *shown)
    yield Padding(grid, (0, 0, 0, 2))


def _named(content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {figure["name"]: figure for figure in content["figures"]}


def _triage(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words, lang, found = _WORDS[p.lang], p.lang, _named(content)
    groups = (
        ("triage", ("under-triage.missed", "under-triage.any", "over-triage.kept-back", "over-triage.any")),
        ("cleared", ("cleared.certain", "cleared.possible")),
    )
    for heading, names in groups:
        yield Text("")
        yield Text(words[heading], style="bold")
        for name in names:
            figure = found[name]
            of = words["of"].format(k=shown_count(int(figure["n"]), lang))
            by_patient = words["by patient"].format(x=percent(found[f"{name}.by-patient"], lang))
            yield _line(words[name], style="dim")
            yield _line(f"{percent(figure, lang)}, {of}; {by_patient}", 4)


def _agreement(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words, lang, found = _WORDS[p.lang], p.lang, _named(content)
    yield Text("")
    yield Text(words["agreement"], style="bold")
    for name in ("engine-rater", "rater-rater", "engine-panel"):
        linear, quadratic = (spread(found[f"kappa.{name}.{weights}"], lang, 2) for weights in ("linear", "quadratic"))
        yield _line(words[name], style="dim")
        yield _line(f"{linear}; {words['quadratic'].format(x=quadratic)}", 4)
    for name, figure in found.items():
        if name.startswith("kappa.engine-rater.linear."):
            yield _line(words["one"].format(rater=name.removeprefix("kappa.engine-rater.linear.")), style="dim")
            yield _line(spread(figure, lang, 2), 4)
    yield _line(words["kappa note"], style="dim")


def _misses(content: Mapping[str, Any], p: Phrases) -> Iterator[RenderableType]:
    words, misses = _WORDS[p.lang], content["misses"]
    yield Text("")
    yield Text(words["misses"], style="bold")
    if not misses:
        yield _line(words["none"])
    for miss in misses[:MOST_MISSES]:
        way = words["freer" if miss["gap"] > 0 else "stricter"]
        yield _line(f"{miss['session']}, {p.date(miss['day'])}: {way}")
        said = "; ".join(_said(each, words) for each in miss["verdicts"])
        yield _line(words["they"].format(x=said), 4)
        yield _line(words["we"].format(x=f"{p['short ' + miss['clearance']]}. {_because(miss, p)}"), 4)
    if len(misses) > MOST_MISSES:
        yield _line(words["more"].format(n=shown_count(len(misses) - MOST_MISSES, p.lang)), style="dim")


def _said(verdict: Mapping[str, str], words: Mapping[str, str]) -> str:
    reason = f" ({verdict['reason']})" if verdict["reason"] else ""
    return f"{verdict['rater']} {words[verdict['verdict']]}{reason}"


def _because(miss: Mapping[str, Any], p: Phrases) -> str:
    words = _WORDS[p.lang]
    reasons = [_ruled(each, p) for each in miss["reasons"][:2]]
    said = words["why"].format(x="; ".join(reasons)) if reasons else words["no reason"]
    if not miss["missing"]:
        return said
    return f"{said}; {words['lacks'].format(x=', '.join(p.label(name) for name in miss['missing']))}"


def events_report(content: Mapping[str, Any], lang: str) -> RenderableType:
    """An adverse-event log (`EventLog.to_dict` with `figures`) in words."""
    words, found = _WORDS[lang], _named(content)
    log = words["log"].format(
        e=shown_count(content["events"], lang), p=shown_count(content["patients"], lang),
        h=number(content["hours"], lang, 0),
    )  # fmt: skip
    parts: list[RenderableType] = [*section(words["events"], log)]
    rows = []
    for grade in range(1, 6):
        every, related = (found[f"events.{kind}.grade-{grade}+"] for kind in ("all", "related"))
        rows.append((words["all"].format(g=grade), spread(every, lang, 2)))
        rows.append(("  " + words["related"], spread(related, lang, 2)))
    terms = [name for name in found if name.startswith("events.term.")]
    rows += [(name.removeprefix("events.term."), spread(found[name], lang, 2)) for name in terms[:MOST_TERMS]]
    parts.append(table(("", words["rate"]), rows))
    parts.append(_line(f"{words['patients']}: {percent(found['events.patients'], lang)}"))
    for key, name in (("without_hours", "hours note"), ("relation_not_stated", "relation note")):
        if content[key]:
            parts.append(_line(words[name].format(n=shown_count(content[key], lang)), style="yellow"))
    return Group(*parts, _line(words["poisson note"], style="dim"))


def calibration_report(content: Mapping[str, Any], lang: str, names: Dictionary) -> RenderableType:
    """The content of schema `exrx/calibration/1` in words."""
    p, words = Phrases(lang, names), _WORDS[lang]
    parts: list[RenderableType] = [
        Text(words["calibration"].format(n=shown_count(content["patients"], lang)), style="bold"),
        Text(words["example"], style="yellow"),
    ]
    for of, title in content["titles"].items():
        lines = [line for line in content["lines"] if line["of"] == of]
        verified = p["verified " + lines[0]["verified"]]
        parts += [Text(""), Text(words["of article"].format(title=title[lang], source=lines[0]["source"],
                                                             verified=verified), style="bold")]  # fmt: skip
        for key in dict.fromkeys((line["protocol"], line["scenario"]) for line in lines):
            some = [line for line in lines if (line["protocol"], line["scenario"]) == key]
            head = key[0] + (f", {words[key[1]]}" if key[1] else "")
            rows = [(words[line["figure"]], _published(line, lang), percent(line["ours"], lang)) for line in some]
            parts.append(table((head, words["published"], words["ours"]), rows))
    for entry in content["rules"]:
        scenario = f", {words[entry['scenario']]}" if entry["scenario"] else ""
        parts += [Text(""), Text(words["asking"].format(p=entry["protocol"] + scenario), style="bold")]
        rows = [(_ruled(rule, p), words["blanket"] if rule["blanket"] else shown_count(rule["patients"], lang),
                 "" if rule["blanket"] else shown_count(rule["alone"], lang)) for rule in entry["rules"]]  # fmt: skip
        parts.append(table((words["rule"], words["holds"], words["alone"]), rows))
    return Group(*parts, Text(""), Text(words["calibration note"], style="italic"))


def _published(line: Mapping[str, Any], lang: str) -> str:
    return "" if line["figure"].endswith("-by-finding") else number(line["published"], lang)


def _ruled(rule: Mapping[str, Any], p: Phrases) -> str:
    said = f"{first_sentence(p.text(rule['because'])).rstrip('.')} [{rule['rule']}]"
    return p["perhaps"].format(x=said) if rule.get("state") == "undecided" else said
