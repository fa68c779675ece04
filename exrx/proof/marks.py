"""A restriction as a set of marks, so that "at least as cautious" is "holds all the marks of".

    marks(a | b) = marks(a) | marks(b)          a <= b  exactly if  marks(a) <= marks(b)

So a decision over many rules is, for z3, one "some rule that sets this mark fires" a mark. The track is among the
marks: it is the closest track that a single rule asks for.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from attrs import fields, frozen

from exrx.fields import load_dictionary
from exrx.rules.restriction import Restriction, Track
from exrx.screening.verdict import GroupClass, track_of

Mark = tuple[str, object]
"""A part and what it asks for: ("clearance", 3) is "consult or more", ("avoid", "impact") "no impact"."""

_LIMITS = ("session_minutes_max", "heart_rate_max", "rpe_max")
_SETS = ("consult", "formats_forbidden", "avoid", "monitor", "refer")


@frozen
class Marks:
    """The marks of the restrictions of one question: which numbers and which pastimes there are to tell apart."""

    group_class: GroupClass
    limits: dict[str, tuple[int, ...]]
    days: tuple[int, ...]
    meanwhile: tuple[str, ...]

    @classmethod
    def of(cls, restrictions: Iterable[Restriction], group_class: GroupClass) -> Marks:
        """The marks that tell these restrictions and their joins apart."""
        found = tuple(restrictions)
        return cls(
            group_class,
            {name: tuple(sorted({v for r in found if (v := getattr(r, name)) is not None})) for name in _LIMITS},
            tuple(sorted({r.again.days for r in found if r.again.days is not None})),
            tuple(sorted({item for r in found for item in r.allowed_meanwhile or ()})),
        )

    def marks(self, restriction: Restriction) -> frozenset[Mark]:
        """Every mark of a restriction."""
        found: set[Mark] = {("track", level) for level in range(1, track_of(restriction, self.group_class) + 1)}
        for part in fields(Restriction):
            value = getattr(restriction, part.name)
            if isinstance(value, IntEnum):
                found |= {(part.name, level) for level in range(1, value + 1)}
            elif part.name in _SETS:
                found |= {(part.name, item) for item in value}
            elif part.name in _LIMITS and value is not None:
                found |= {(part.name, limit) for limit in self.limits[part.name] if limit >= value}
        found |= {("again", event) for event in restriction.again.after}
        if restriction.again.days is not None:
            found |= {("again_days", days) for days in self.days if days <= restriction.again.days}
        if restriction.allowed_meanwhile is not None:
            found.add(("meanwhile", None))
            found |= {("meanwhile", item) for item in self.meanwhile if item not in restriction.allowed_meanwhile}
        return frozenset(found)


_CHAINS: dict[str, type[IntEnum]] = {
    part.name: type(part.default) for part in fields(Restriction) if isinstance(part.default, IntEnum)
} | {"track": Track}
_LABELS = {
    "da": {
        "clearance": "afgørelse mindst: {}", "track": "mindst: {}", "supervision": "opsyn mindst: {}",
        "setting": "sted mindst: {}", "aerobic_max": "kondition højst {}", "strength_max": "styrke højst {}",
        "progression": "{}", "consult": "spørg: {}", "formats_forbidden": "ikke: {}", "avoid": "undgå: {}",
        "monitor": "hold øje med: {}", "refer": "henvis: {}", "session_minutes_max": "højst {} minutter",
        "heart_rate_max": "puls højst {}", "rpe_max": "Borg højst {}", "again": "igen efter: {}",
        "again_days": "igen tidligst efter {} dage", "meanwhile": "imens ikke: {}",
    },
    "en": {
        "clearance": "clearance at least: {}", "track": "at least: {}", "supervision": "supervision at least: {}",
        "setting": "place at least: {}", "aerobic_max": "aerobic at most {}", "strength_max": "strength at most {}",
        "progression": "{}", "consult": "ask: {}", "formats_forbidden": "not: {}", "avoid": "avoid: {}",
        "monitor": "watch: {}", "refer": "refer: {}", "session_minutes_max": "at most {} minutes",
        "heart_rate_max": "pulse at most {}", "rpe_max": "Borg at most {}", "again": "again after: {}",
        "again_days": "again after {} days at the earliest", "meanwhile": "not meanwhile: {}",
    },
}  # fmt: skip
_ALONE = {
    "da": {
        "aerobic_max": "højst {}", "strength_max": "højst {}", "session_minutes_max": "højst {} minutter",
        "heart_rate_max": "højst {}", "rpe_max": "højst {} (Borg)", "again_days": "tidligst efter {} dage",
        "formats_forbidden": "ikke: {}",
    },
    "en": {
        "aerobic_max": "at most {}", "strength_max": "at most {}", "session_minutes_max": "at most {} minutes",
        "heart_rate_max": "at most {}", "rpe_max": "at most {} (Borg)", "again_days": "after {} days at the earliest",
        "formats_forbidden": "not: {}",
    },
}  # fmt: skip
"""What is said of a mark under a heading that names its part; the word alone where nothing stands here."""
_LISTS = {
    "aerobic_max": "intensity", "strength_max": "intensity", "consult": "roles", "formats_forbidden": "formats",
    "meanwhile": "allowed_meanwhile",
}  # fmt: skip
"""The list of the vocabulary that holds the words of a part, where it has another name."""
_NOT_EVERYTHING = {"da": "imens: kun det nævnte", "en": "meanwhile: only what is named"}


def say_mark(mark: Mark, lang: str, *, alone: bool = False) -> str:
    """A mark in words; `alone` where a heading names its part already."""
    part, value = mark
    if part == "meanwhile" and value is None:
        return _NOT_EVERYTHING[lang]
    chain = _CHAINS.get(part)
    shown = chain(value).word if chain is not None else value  # type: ignore[attr-defined, arg-type]
    said = load_dictionary().vocabulary.get(_LISTS.get(part, part), {}).get(str(shown), {})
    pattern = _ALONE[lang].get(part, "{}") if alone else _LABELS[lang][part]
    return pattern.format(said.get(lang, shown))


def say_marks(marks: Iterable[Mark], lang: str) -> str:
    """Marks in words, of each chain and limit the most cautious one."""
    closest: dict[str, Mark] = {}
    others = []
    for mark in marks:
        part = mark[0]
        if part in _CHAINS or part == "again_days":
            closest[part] = max(closest.get(part, mark), mark, key=lambda m: m[1])  # type: ignore[arg-type, return-value]
        elif part in _LIMITS:
            closest[part] = min(closest.get(part, mark), mark, key=lambda m: m[1])  # type: ignore[arg-type, return-value]
        else:
            others.append(mark)
    return "; ".join(say_mark(mark, lang) for mark in [*closest.values(), *others])
