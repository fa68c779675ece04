"""A comparison for a paper: a paragraph of methods to paste, and a table after CERT and TIDieR with both protocols.

What the figures cannot know is "not stated": a researcher fills it in.
Sources: Slade 2016 (`slade-2016`), Hoffmann 2014 (`hoffmann-2014`), in our own words; which item of the one goes with
which of the other is our reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exrx.fields import load_dictionary
from exrx.report import Phrases, shown_count
from exrx.report.compare_text import assumption_lines, figure
from exrx.report.figures_text import loosened, percent, spread
from exrx.report.plan_cert import ITEMS, markdown_table

_TIDIER = {
    "1": "3", "2": "5", "3": "6", "4": "6", "5": "11", "6": "11", "7a": "9", "7b": "9", "8": "4", "9": "4", "10": "4",
    "12": "7", "13": "8", "14a": "9", "14b": "9", "15": "9", "16a": "11", "16b": "12",
}  # fmt: skip
_WORDS = {
    "da": {
        "title": "Metode", "table": "Tabel efter CERT og TIDieR",
        "example": "EXAMPLE: patienterne er syntetiske eller eksempler.",
        "methods": "To screeningsprotokoller, A ({a}) og B ({b}), blev anvendt på de samme {n} patienter ved trinnet "
        "{stage} pr. {day} med {engine} (datamodel sha256 {dictionary}). Patienterne kom fra filen {cohort} (sha256 "
        "{sha256}). Manglende, forældede og usandsynlige værdier blev regnet som ukendte og kunne kun gøre svaret "
        "mere "
        "forsigtigt; patienter uden for en protokols målgruppe blev talt for sig. Andele har Wilsons 95 %-interval; "
        "forskelle, kappa, pladser og timer har percentilintervaller fra {samples} udtræk af patienter med begge "
        "deres "
        "svar (frø {seed}). Kappa er Cohens, uvægtet og vægtet, blandt patienter, som begge protokoller er lavet "
        "til. En "
        "regel regnes for at flytte en patient, når den alene giver det strengere af de to svar. {assumptions}",
        "unverified": "{k} af {rules} regler i {label} hviler på tal, der ikke er efterprøvet.",
        "local": "Lokale ændringer i {label}: {k}.",
        "heads": ("CERT", "TIDieR", "Spørger om", "A", "B"), "not stated": "ikke angivet",
        "name": "Navn", "why": "Hvorfor", "modified": "Ændringer undervejs",
        "formats": "på hold {group} %, individuelt {individual} %, under tæt opsyn {supervised} %, ingen træning "
                   "{none} %",
        "supervised": "{hours} patienttimer under opsyn om ugen, {staff} personaletimer",
        "progression": "programmet {training}", "dose": "{weeks} uger efter programmet {training} mod målet {target}",
        "where": "udgangspunkt: {setting}, {supervision}", "tailored": "tilpasset efter protokollens regler",
        "how": "{label} {version}, sha256 {sha256}; hvem der ændres af hvad: moved.csv",
        "start": "efter programmets regel {training}",
    },
    "en": {
        "title": "Methods", "table": "Table after CERT and TIDieR",
        "example": "EXAMPLE: the patients are synthetic or examples.",
        "methods": "Two screening protocols, A ({a}) and B ({b}), were applied to the same {n} patients at the stage "
        "{stage} as of {day} with {engine} (data dictionary sha256 {dictionary}). The patients came from the file "
        "{cohort} "
        "(sha256 {sha256}). Missing, outdated and implausible values counted as unknown and could only make an "
        "answer more "
        "cautious; patients outside a protocol's population were counted apart. Shares have Wilson's 95 % interval; "
        "differences, kappa, seats and hours have percentile intervals from {samples} draws of patients with both of "
        "their answers (seed {seed}). Kappa is Cohen's, unweighted and weighted, among patients for whom both "
        "protocols "
        "are made. A rule counts as moving a patient where alone it gives the stricter of the two answers. "
        "{assumptions}",
        "unverified": "{k} of {rules} rules of {label} rest on numbers that are not verified.",
        "local": "Local changes in {label}: {k}.",
        "heads": ("CERT", "TIDieR", "Asks", "A", "B"), "not stated": "not stated",
        "name": "Name", "why": "Why", "modified": "Changes on the way",
        "formats": "in a group {group} %, individual {individual} %, under close supervision {supervised} %, "
        "no training {none} %",
        "supervised": "{hours} supervised patient hours a week, {staff} staff hours",
        "progression": "the programme {training}", "dose": "{weeks} weeks of the programme {training} towards "
                    "{target}",
        "where": "starts from: {setting}, {supervision}", "tailored": "tailored by the protocol's rules",
        "how": "{label} {version}, sha256 {sha256}; who is changed by what: moved.csv",
        "start": "by the rule of the programme {training}",
    },
}  # fmt: skip


def methods_markdown(content: Mapping[str, Any], lang: str) -> str:
    """The content of schema `exrx/compare/1` (with `cohort`) as a page: a paragraph and a table, in `da` or `en`."""
    words = _WORDS[lang]
    mark = f"**{words['example']}**\n\n" if content["example"] else ""
    return (
        f"{mark}## {words['title']}\n\n{methods_paragraph(content, lang)}\n\n"
        f"## {words['table']}\n\n{markdown_table(list(words['heads']), list(_rows(content, lang)))}"
    )


def methods_paragraph(content: Mapping[str, Any], lang: str) -> str:
    """What was done, with versions, hashes, seed and assumptions."""
    words, p = _WORDS[lang], Phrases(lang, load_dictionary())
    text = str(words["methods"]).format(
        a=_called(content["a"]), b=_called(content["b"]), n=shown_count(content["patients"], lang),
        stage=p.stage(content["stage"]), day=p.date(content["as_of"]), engine=content["engine"],
        dictionary=content["dictionary_sha256"], cohort=content["cohort"]["name"],
        sha256=content["cohort"]["sha256"] or words["not stated"], samples=shown_count(content["samples"], lang),
        seed=content["seed"], assumptions=" ".join(list(assumption_lines(content, lang))[:-1]),
    )  # fmt: skip
    more = []
    for side in (content["a"], content["b"]):
        if side["unverified_rules"]:
            counted = {"k": side["unverified_rules"], "rules": side["rules"], "label": side["label"]}
            more.append(str(words["unverified"]).format(**counted))
        if side["local_changes"]:
            more.append(str(words["local"]).format(label=side["label"], k=len(side["local_changes"])))
            more += loosened(side, lang)
    return " ".join([text, *more])


def _called(side: Mapping[str, Any]) -> str:
    return f"{side['id']} {side['version']}, sha256 {side['sha256']}"


def _rows(content: Mapping[str, Any], lang: str) -> Iterator[tuple[str, ...]]:
    words = _WORDS[lang]
    missing = str(words["not stated"])
    answers = [dict(_answers(content, content[key], lang)) for key in "ab"]
    yield ("", "1", str(words["name"]), *(content[key]["title"][lang] for key in "ab"))
    yield ("", "2", str(words["why"]), missing, missing)
    for item, asks in ITEMS.items():
        yield (item, _TIDIER.get(item, ""), asks[lang], *(found.get(item, missing) for found in answers))
    yield ("", "10", str(words["modified"]), missing, missing)


def _answers(content: Mapping[str, Any], side: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    words, p, label = _WORDS[lang], Phrases(lang, load_dictionary()), side["label"]
    tracks = {word: percent(figure(content, f"track.{word}", label), lang)
              for word in ("group", "individual", "supervised", "none")}  # fmt: skip
    yield "3", str(words["formats"]).format(**tracks)
    hours, staff = (spread(figure(content, name, label), lang, 0) for name in ("patient-hours", "staff-hours"))
    yield "4", str(words["supervised"]).format(hours=hours, staff=staff)
    start = side["starts_from"]
    setting, supervision = p.word("setting", start["setting"]), p.word("supervision", start["supervision"])
    yield "12", str(words["where"]).format(setting=setting, supervision=supervision)
    yield "14a", str(words["tailored"])
    yield "14b", str(words["how"]).format(label=label, version=side["version"], sha256=side["sha256"])
    assumed = content["assumptions"]
    if assumed["training"]:
        named = {name: assumed[name] for name in ("training", "target", "weeks")}
        yield "7a", str(words["progression"]).format(**named)
        yield "13", str(words["dose"]).format(**named)
        yield "15", str(words["start"]).format(**named)
