"""An allocation in lines: the groups, who waits and why, what one more seat or hour would bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from exrx.allocate import Allocation, Group, Waiting
from exrx.report import EXAMPLE, shown_count
from exrx.rules.words import say_number

_MOST_LINES = 40
_WORDS: dict[str, dict[str, str]] = {
    "da": {
        "head": "{placed} af {all} har fået plads, {waiting} venter.",
        "example": f"{EXAMPLE}: der er eksempler eller syntetiske patienter i listen.",
        "order": "Mål, ét efter det andet: {order}.", "weights": "Vægte: {weights}.",
        "closer": "Et hold med tættere opsyn end nødvendigt er tilladt.",
        "placed": "flest pladser", "waited": "flest ventedage", "level": "niveau inden for "
        "holdets", "travel": "mindst rejse",
        "wishes": "ønsker", "reached": "Nået: {placed} pladser, {waited} ventedage, {level} uden for niveau, "
        "{travel} minutters rejse, {wishes} trin ned ad ønskelisterne.",
        "group": "hold", "kind": "form", "seats": "pladser", "hours": "timer", "runs not": "oprettes ikke",
        "patient": "patient", "who": "Hvem venter, og hvorfor", "nobody": "Ingen venter.",
        "more": ".. og {n} til; alle står i --format csv eller json.",
        "unreadable": "rækken kan ikke bruges: {fault}", "no-decision": "ingen afgørelse: screen først",
        "not-cleared": "må ikke træne i dag ({clearance})", "nowhere": "intet hold passer: {by}",
        "no-place": "passer til {groups}",
        "by kind": "træningsform", "by supervision": "opsyn", "by language": "sprog", "by time": "tid", "by "
        "travel": "rejse",
        "full": "fuldt", "no-hours": "ingen personaletimer", "too-few": "for få til at oprette",
        "taken": "lokale eller leder optaget", "left-out": "udeladt efter målene",
        "prices": "Én mere, løst igen med de samme hold", "seat": "plads på {where}",
        "hour": "personaletime på {where}",
        "team-hour": "time til {where}", "gain": "{placed} flere får plads, {waited} flere ventedage ender",
        "no gain": "Ingen enkelt plads eller time "
        "mere hjælper.",
        "note": "Et forslag: den fagperson, der er ansvarlig, afgør det. Reglerne er kontrolleret igen uafhængigt.",
        "group track": "på hold", "individual": "individuelt", "supervised": "tæt opsyn",
        "assess": "spørg først", "consult": "vent på lægens svar", "defer": "ikke i dag", "stop": "må ikke træne her",
        "emergency": "akut", "clear": "kan træne", "modify": "med tilpasning", "several": " (flere ting på én gang)",
    },
    "en": {
        "head": "{placed} of {all} have a place, {waiting} wait.",
        "example": f"{EXAMPLE}: there are examples or synthetic patients in the list.",
        "order": "Goals, one after the other: {order}.", "weights": "Weights: {weights}.",
        "closer": "A class that is followed more closely than needed is allowed.",
        "placed": "most places", "waited": "most days waited", "level": "level within the group's", "travel": "least "
        "travel",
        "wishes": "wishes", "reached": "Reached: {placed} places, {waited} days waited, {level} outside the level, "
        "{travel} minutes of travel, {wishes} steps down the wishes.",
        "group": "group", "kind": "kind", "seats": "seats", "hours": "hours", "runs not": "does not run",
        "patient": "patient", "who": "Who waits, and why", "nobody": "Nobody waits.",
        "more": ".. and {n} more; all of them stand in --format csv or json.",
        "unreadable": "the row cannot be used: {fault}", "no-decision": "no decision: screen first",
        "not-cleared": "may not train today ({clearance})", "nowhere": "no group fits: {by}", "no-place": "fits "
        "{groups}",
        "by kind": "form of training", "by supervision": "supervision", "by language": "language", "by time": "time",
        "by travel": "travel",
        "full": "full", "no-hours": "no staff hours left", "too-few": "too few to run",
        "taken": "room or leader taken", "left-out": "left out under the goals",
        "prices": "One more, solved again with the same groups", "seat": "seat in {where}",
        "hour": "staff hour in {where}",
        "team-hour": "hour of {where}", "gain": "{placed} more placed, {waited} more days of waiting end",
        "no gain": "No single seat or hour more helps.",
        "note": "A proposal: the professional in charge decides. The rules were checked again independently.",
        "group track": "in the group", "individual": "individually", "supervised": "supervised",
        "assess": "ask first", "consult": "wait for a physician", "defer": "not today", "stop": "not to train here",
        "emergency": "emergency", "clear": "may train", "modify": "adapted", "several": " (several at once)",
    },
}  # fmt: skip


def allocation_report(found: Allocation, groups: Sequence[Group], lang: str) -> RenderableType:
    """An allocation for people."""
    return Lines(*_parts(found, groups, lang))


def _parts(found: Allocation, groups: Sequence[Group], lang: str) -> Iterator[RenderableType]:
    words = _WORDS[lang]
    placed, waiting = len(found.placed), len(found.waiting)
    yield Text(words["head"].format(placed=shown_count(placed, lang), all=shown_count(placed + waiting, lang),
                                    waiting=shown_count(waiting, lang)), style="bold")  # fmt: skip
    if found.example:
        yield Text(words["example"], style="bold red")
    if found.weights:
        said = ", ".join(f"{words[goal]} {say_number(f'{weight:g}', lang)}" for goal, weight in found.weights.items())
        yield Text(words["weights"].format(weights=said))
    else:
        yield Text(words["order"].format(order=", ".join(words[goal] for goal in found.order)))
    yield Text(words["reached"].format(**{goal: say_number(f"{n:g}", lang) for goal, n in found.goals.items()}))
    if found.closer:
        yield Text(words["closer"])
    yield Text("")
    yield _groups(found, groups, lang)
    yield Text("")
    yield Text(words["who"] if waiting else words["nobody"], style="bold")
    if waiting:
        yield Padding(_waiting(found.waiting, lang), (0, 0, 0, 2))
        if waiting > _MOST_LINES:
            yield Text(words["more"].format(n=shown_count(waiting - _MOST_LINES, lang)), style="dim")
    if found.prices:
        yield Text("")
        yield Text(words["prices"], style="bold")
        yield Padding(_prices(found, lang), (0, 0, 0, 2))
    yield Text(words["note"], style="dim")


def _groups(found: Allocation, groups: Sequence[Group], lang: str) -> Table:
    words = _WORDS[lang]
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "left", "right", "right", "left"):
        table.add_column(justify=justify)
    table.add_row(*(Text(words[head], style="dim") for head in ("group", "kind", "seats", "hours")), "")
    for group in groups:
        used = found.seats[group.id]
        kind = words["group track"] if group.kind.word == "group" else words[group.kind.word]
        hours = say_number(f"{used * group.hours_per_seat:g}", lang)
        if group.hours is not None:
            hours += f"/{say_number(f'{group.hours:g}', lang)}"
        table.add_row(group.id, kind, f"{used}/{group.seats_max}", hours, "" if used else words["runs not"])
    return table


def _waiting(waiting: Sequence[Waiting], lang: str) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(max_width=18)
    table.add_column(ratio=1, overflow="fold")
    for each in waiting[:_MOST_LINES]:
        table.add_row(each.patient, why_words(each, lang))
    return table


def why_words(each: Waiting, lang: str) -> str:
    """Why a patient waits, in a few words."""
    words = _WORDS[lang]
    by = ", ".join(words[f"by {name}"] for name in each.by) + (words["several"] if len(each.by) > 1 else "")
    reasons = Counter(each.groups.values())
    groups = "; ".join(
        f"{', '.join(group for group, why in each.groups.items() if why == reason)}: {words[reason]}"
        for reason in reasons
    )  # fmt: skip
    clearance = words.get(each.clearance, each.clearance)
    return words[each.why].format(fault=each.fault, clearance=clearance, by=by, groups=groups)


def _prices(found: Allocation, lang: str) -> RenderableType:
    words = _WORDS[lang]
    table = Table.grid(padding=(0, 2))
    ranked = sorted(found.prices, key=lambda price: (-price.placed, -price.waited))
    helping = [price for price in ranked if price.placed]
    for price in helping:
        said = words["gain"].format(placed=price.placed, waited=price.waited)
        table.add_row(words[price.what].format(where=price.where), said)
    return table if helping else Text(words["no gain"])
