"""A sweep in lines for a terminal, and a methods paragraph to paste into a manuscript."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from exrx.fields import Dictionary
from exrx.protocol.local import BOTH_WAYS, LOOSENS, loosening_notice
from exrx.report import Phrases, shown_count
from exrx.rules.words import say_number
from exrx.study.sweep import Axis, Sweep
from exrx.study.sweep.run import STAFF_HOURS

RESULT_WORDS = {
    "da": {
        "may-train": "må træne", "ask-first": "spørg først", "held-back": "må ikke træne", "group": "på hold",
        "individual": "individuelt", "supervised": "tæt opsyn", STAFF_HOURS: "personaletimer",
    },
    "en": {
        "may-train": "may train", "ask-first": "ask first", "held-back": "may not train", "group": "in the group",
        "individual": "individually", "supervised": "supervised", STAFF_HOURS: "staff hours",
    },
}  # fmt: skip
"""The results of a sweep as people call them."""
_MOST_LINES = 12
_SHOWN_INDICES = ("may-train", "ask-first", STAFF_HOURS)
_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "head": "{n} patienter, {p}, {stage}, {day}", "synthetic": "SYNTETISKE PATIENTER ELLER EKSEMPLER: ingen "
        "rigtige.",
        "design": "{v} varianter ({kind}){seed}; {loose} gør protokollen friere for nogen.", "seed": ", frø {seed}",
        "grid": "alle kombinationer", "latin-hypercube": "latinsk hyperterning", "sobol": "Sobol-design",
        "none": "Ingen variant gør protokollen friere.", "own": "protokollens egen værdi",
        "value": "værdi", "loosens": "friere", "both": "begge veje",
        "mean": "Ét tal ad gangen, de andre som i protokollen.",
        "indices": "Hvor meget af forskellen i svar hvert tal står for", "number": "tal", "first": "alene",
        "total": "med samspil", "hours": "timer/uge",
        "still": "Intet af de varierede tal flytter: {results}.",
        "no indices": "Et latinsk hyperterningsdesign giver kurver og ingen indeks; brug --design sobol til dem.",
        "note": "Et regnestykke om regler: ingen variant er en protokol at afgøre efter.",
    },
    "en": {
        "head": "{n} patients, {p}, {stage}, {day}", "synthetic": "SYNTHETIC PATIENTS OR EXAMPLES: no real ones.",
        "design": "{v} variants ({kind}){seed}; {loose} loosen the protocol for some.", "seed": ", seed {seed}",
        "grid": "every combination", "latin-hypercube": "Latin hypercube", "sobol": "Sobol design",
        "none": "No variant loosens the protocol.", "own": "the protocol's own value",
        "value": "value", "loosens": "loosens", "both": "both ways",
        "mean": "One number at a time, the others as in the protocol.",
        "indices": "How much of the difference in answers each number accounts for", "number": "number",
        "first": "alone", "total": "with interplay", "hours": "hours/wk",
        "still": "None of the varied numbers moves: {results}.",
        "no indices": "A Latin hypercube gives curves and no indices; use --design sobol for them.",
        "note": "A sum about rules: no variant is a protocol to decide by.",
    },
}  # fmt: skip
_METHODS: dict[str, dict[str, str]] = {
    "da": {
        "what": "Reglerne i protokollen {p} (version {version}) blev afprøvet på {n} {kind} ved trinnet {stage}, "
        "opgjort "
        "{day}, med exrx {exrx}. Følgende tal blev varieret: {axes}.",
        "patients": "patienter", "synthetic": "syntetiske patienter (ingen rigtige)",
        "axis": "{name} fra {low} til {high} ({count} værdier; protokollens egen værdi {base})",
        "grid": "Alle {v} kombinationer blev screenet.",
        "latin-hypercube": "{v} varianter blev trukket ved latin hypercube sampling (McKay, Beckman og Conover 1979; "
        "frø "
        "{seed}), hver værdi lige sandsynlig.",
        "sobol": "{v} varianter blev trukket efter Saltellis design (N = {samples}, skramblet Sobol-følge, frø "
        "{seed}), hver "
        "værdi lige sandsynlig. Første ordens og totale følsomhedsindeks blev beregnet efter Saltelli et al. 2010 "
        "(doi:10.1016/j.cpc.2009.09.018) og Jansen 1999 med 95 %-percentilintervaller ved bootstrap over de N "
        "stikprøver ({resamples} gentagelser).",
        "indices": "Første ordens og totale indeks følger af loven om total varians over gitteret.",
        "law": "Manglende, forældede og usandsynlige oplysninger gjorde aldrig et svar friere: hvor et svar afhang "
        "af dem, er "
        "patienten talt med som »spørg først«.",
        "loose": "{loose} af varianterne gør protokollen friere for nogle patienter; de er mærket i alle tabeller og "
        "figurer.",
        "none": "Ingen variant gør protokollen friere.",
        "result": "Under protokollen, som den er, måtte {own} træne; blandt varianterne fra {low} til {high}.",
        "hours": "Personaletimer er beregnet af {hours} timer om ugen pr. patient.",
    },
    "en": {
        "what": "The rules of the protocol {p} (version {version}) were applied to {n} {kind} at the stage {stage}, "
        "as of "
        "{day}, with exrx {exrx}. These numbers were varied: {axes}.",
        "patients": "patients", "synthetic": "synthetic patients (none of them real)",
        "axis": "{name} from {low} to {high} ({count} values; the protocol's own value {base})",
        "grid": "All {v} combinations were screened.",
        "latin-hypercube": "{v} variants were drawn by Latin hypercube sampling (McKay, Beckman and Conover 1979; "
        "seed {seed}), "
        "each value equally likely.",
        "sobol": "{v} variants were drawn by Saltelli's design (N = {samples}, scrambled Sobol sequence, seed "
        "{seed}), each "
        "value equally likely. First-order and total-order sensitivity indices were estimated as in Saltelli et al. "
        "2010 "
        "(doi:10.1016/j.cpc.2009.09.018) and Jansen 1999, with 95 % percentile intervals by bootstrap over the N "
        "samples "
        "({resamples} resamples).",
        "indices": "First-order and total-order indices follow from the law of total variance over the grid.",
        "law": "Missing, outdated and implausible data never made an answer freer: where an answer depended on them "
        "the "
        "patient counts as \"ask first\".",
        "loose": "{loose} of the variants loosen the protocol for some patients; they are marked in all tables and "
        "figures.",
        "none": "No variant loosens the protocol.",
        "result": "Under the protocol as it is {own} might train; among the variants from {low} to {high}.",
        "hours": "Staff hours follow from {hours} hours a week for one patient.",
    },
}  # fmt: skip


def sweep_report(found: Sweep, lang: str, names: Dictionary) -> RenderableType:
    """A sweep for people: what was asked, the curve of each number, which number matters."""
    return Group(*_parts(found, lang, Phrases(lang, names)))


def _parts(found: Sweep, lang: str, p: Phrases) -> Iterator[RenderableType]:
    words = _WORDS[lang]
    head = words["head"].format(n=shown_count(found.n, lang), p=found.protocol.id, stage=p.stage(found.stage),
                                day=p.date(found.as_of.isoformat()))  # fmt: skip
    yield Text(head, style="bold")
    if found.variants.cohort.has_examples:
        yield Text(words["synthetic"], style="bold red")
    seed = "" if found.design.seed is None else words["seed"].format(seed=found.design.seed)
    yield Text(words["design"].format(v=shown_count(len(found.design), lang), kind=words[found.design.kind], seed=seed,
                                      loose=shown_count(found.loosening, lang)))  # fmt: skip
    changes = loosening_notice(found.protocol.local_changes, lang)
    if changes:
        yield Text(changes, style="yellow")
    for place, axis in enumerate(found.axes):
        yield Text("")
        yield Text(f"{axis.label}: {words['own']} {axis.base}", style="bold")
        yield Padding(_curve_table(found, place, lang), (0, 0, 0, 2))
    if len(found.axes) > 1:
        yield Text(words["mean"], style="dim")
    yield Text("")
    yield from _index_parts(found, lang)
    yield Text(words["note"], style="dim")


def _curve_table(found: Sweep, place: int, lang: str) -> Table:
    words, results = _WORDS[lang], RESULT_WORDS[lang]
    shown = [name for name in results if name in found.results and found.results[name].any()]
    table = Table.grid(padding=(0, 2))
    for _ in range(len(shown) + 1):
        table.add_column(justify="right")
    table.add_column()
    heads = [results[name] if name != STAFF_HOURS else words["hours"] for name in shown]
    table.add_row(*(Text(head, style="dim") for head in (words["value"], *heads, "")))
    curves = {name: found.curve(place, name) for name in shown}
    first = next(iter(curves.values()))
    step = -(-len(first.x) // _MOST_LINES)
    for row in sorted({*range(0, len(first.x), step), len(first.x) - 1}):
        verdict = first.loosens[row]
        mark = words["loosens"] if verdict == LOOSENS else words["both"] if verdict == BOTH_WAYS else ""
        cells = [
            say_number(f"{curve.y[row]:.1f}", lang) if name == STAFF_HOURS else said_share(curve.y[row], lang)
            for name, curve in curves.items()
        ]
        table.add_row(say_number(f"{first.x[row]:.4g}", lang), *cells, Text(mark, style="yellow"))
    return table


def said_indices(found: Sweep) -> list[str]:
    """The results whose indices are shown: those that people plan by, or else whatever moves."""
    chosen = [name for name in _SHOWN_INDICES if name in found.indices]
    return chosen or list(found.indices)[:2]


def _index_parts(found: Sweep, lang: str) -> Iterator[RenderableType]:
    words, results = _WORDS[lang], RESULT_WORDS[lang]
    if found.design.kind == "latin-hypercube":
        yield Text(words["no indices"], style="dim")
        return
    still = [results[name] for name in results if name in found.results and name not in found.indices]
    shown = said_indices(found)
    if shown and len(found.axes) > 1:
        yield Text(words["indices"], style="bold")
        table = Table.grid(padding=(0, 2))
        table.add_row(*(Text(head, style="dim") for head in ("", words["number"], words["first"], words["total"])))
        for name in shown:
            for axis, index in zip(found.axes, found.indices[name], strict=True):
                table.add_row(results[name], axis.name, _index(index.first, index.first_interval, lang),
                              _index(index.total, index.total_interval, lang))  # fmt: skip
        yield Padding(table, (0, 0, 0, 2))
    if still:
        yield Text(words["still"].format(results=", ".join(still)))


def _index(value: float, interval: tuple[float, float] | None, lang: str) -> str:
    def said(number: float) -> str:
        return say_number(f"{number + 0.0:.2f}".replace("-0.00", "0.00"), lang)

    return said(value) + (f" ({said(interval[0])} – {said(interval[1])})" if interval else "")


def said_share(share: float, lang: str) -> str:
    """A share as a percentage with one decimal."""
    return f"{say_number(f'{100 * share:.1f}', lang)} %"


def methods_text(found: Sweep, lang: str, version: str) -> str:
    """A paragraph for the methods section of a paper: what was varied, how it was drawn, how it was counted."""
    words = _METHODS[lang]
    p = Phrases(lang, found.variants.cohort.dictionary)
    kind = words["synthetic"] if found.variants.cohort.has_examples else words["patients"]
    axes = "; ".join(_axis(axis, lang) for axis in found.axes)
    may = found.results["may-train"]
    n, variants = shown_count(found.n, lang), shown_count(len(found.design), lang)
    said = [
        words["what"].format(p=found.protocol.id, version=found.protocol.version, n=n, kind=kind,
                             stage=p.stage(found.stage), day=p.date(found.as_of.isoformat()), exrx=version, axes=axes),
        words[found.design.kind].format(v=variants, seed=found.design.seed,
                                        samples=found.design.samples,
                                        resamples=found.manifest()["design"].get("bootstrap_resamples", "")),
        words["indices"] if found.design.kind == "grid" and len(found.axes) > 1 else "",
        words["law"],
        words["loose" if found.loosening else "none"].format(loose=shown_count(found.loosening, lang)),
        loosening_notice(found.protocol.local_changes, lang),
        words["result"].format(own=said_share(may[0], lang), low=said_share(may[1:].min(), lang),
                               high=said_share(may[1:].max(), lang)),
        words["hours"].format(hours=", ".join(f"{say_number(f'{hours:g}', lang)} ({RESULT_WORDS[lang][track]})"
                                              for track, hours in found.hours.items())) if found.hours else "",
    ]  # fmt: skip
    return " ".join(part for part in said if part)


def _axis(axis: Axis, lang: str) -> str:
    low, high = (say_number(f"{value:g}", lang) for value in (axis.values[0], axis.values[-1]))
    unit = f" {axis.unit}" if axis.unit and not axis.unit.startswith("{") else ""
    return _METHODS[lang]["axis"].format(name=axis.name, low=low, high=high + unit, count=len(axis.numbers),
                                         base=axis.base)  # fmt: skip
