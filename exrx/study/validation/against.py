"""`validate`: the engine's answers against blinded professionals' verdicts.

    panel        what the raters of a session say together (verdicts.py)
    under        the engine is freer than the panel;  missed: it lets train whom the panel would ask or keep home
    over         the engine is stricter;              kept back: the other way round
    ceiling      how well raters agree with each other: more than that cannot be asked of the engine

Intervals by patient draw patients with all their sessions, because sessions of one patient are not independent.
"""

from __future__ import annotations

from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from attrs import asdict, define, field, frozen

from exrx import __version__
from exrx.rules.restriction import Clearance
from exrx.study.figures import Figure
from exrx.study.statistics import TIMES, WEIGHTS, Floats, Interval, alike, bootstrap, kappas, share
from exrx.study.validation.sessions import Answer, Engine
from exrx.study.validation.verdicts import LEVELS, OF_CLEARANCE, Reference, Verdict, panel

SCHEMA, SEED = "exrx/validate/1", 2009
_K = len(LEVELS)
_TRAINS = 2  # levels below this let the patient train
_SHARES = ("under-triage.any", "under-triage.missed", "over-triage.any", "over-triage.kept-back",
           "cleared.certain", "cleared.possible")  # fmt: skip
BY_PATIENT = ".by-patient"


@frozen
class Session:
    """A session that raters judged and the engine answered."""

    key: str
    patient: str
    answer: Answer
    verdicts: tuple[Verdict, ...]

    @property
    def engine(self) -> int:
        """The engine's answer as a level of `LEVELS`."""
        return OF_CLEARANCE[self.answer.clearance]

    @property
    def panel(self) -> int:
        """The raters' verdict."""
        return panel([verdict.level for verdict in self.verdicts])

    @property
    def gap(self) -> int:
        """Levels by which the engine is freer (above 0) or stricter (below 0) than the panel."""
        return self.panel - self.engine


@frozen
class Flow:
    """Where every row went. Verdicts: read = refused + unknown + ambiguous + no_data + compared."""

    read: int
    refused: dict[str, int]
    unknown: int
    ambiguous: int
    no_data: int
    compared: int
    sessions: int
    patients: int
    raters: int
    input_rows: int
    input_with_verdict: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"input_without_verdict": self.input_rows - self.input_with_verdict}


@frozen
class Miss:
    """A session on which engine and panel part, with what each says."""

    patient: str
    session: str
    day: str
    gap: int
    panel: str
    engine: str
    clearance: str
    verdicts: tuple[dict[str, str], ...]
    reasons: tuple[dict[str, Any], ...]
    missing: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@define(eq=False, slots=False)
class Validation:
    """The engine against a reference. `sessions` were compared; `flow` says where all other rows are."""

    engine: Engine
    reference: Reference
    sessions: tuple[Session, ...]
    flow: Flow
    seed: int
    times: int
    unmatched: tuple[dict[str, Any], ...] = field(factory=tuple)

    @property
    def raters(self) -> tuple[str, ...]:
        """The raters of the compared sessions, in order."""
        return tuple(sorted({verdict.rater for session in self.sessions for verdict in session.verdicts}))

    @cached_property
    def table(self) -> Floats:
        """Sessions by the panel's verdict (rows) and the engine's answer (columns) (4, 4)."""
        return sum((_cell(session.panel, session.engine) for session in self.sessions), np.zeros((_K, _K)))

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Every number with its interval; none where no session was compared."""
        if not self.sessions:
            return ()
        return (*self._counts(), *self._kappas())

    def _counts(self) -> list[Figure]:
        label = self.engine.protocol.id
        wilson = dict(zip(_SHARES, (share(int(k), int(n)) for k, n in _counted(self._totals[None])[0]), strict=True))
        drawn = self._bootstrap(lambda sums: _shares(_counted(sums)))
        found = []
        for name, by_patient in zip(_SHARES, drawn, strict=True):
            found.append(Figure.of(name, label, wilson[name], "1"))
            found.append(Figure.of(name + BY_PATIENT, label, by_patient, "1"))
        return found

    def _kappas(self) -> list[Figure]:
        label, raters = self.engine.protocol.id, self.raters
        pairs = list(combinations(range(len(raters)), 2))
        names = [f"kappa.engine-panel.{weights}" for weights in WEIGHTS]
        names += [f"kappa.engine-rater.{weights}" for weights in WEIGHTS]
        names += [f"kappa.rater-rater.{weights}" for weights in WEIGHTS]
        names += [f"kappa.engine-rater.linear.{rater}" for rater in raters]

        def statistic(sums: Floats) -> Floats:
            own, single, paired = _split(sums, len(raters), len(pairs))
            columns = [kappas(own, weights) for weights in WEIGHTS]
            columns += [_mean_kappa(single, weights) for weights in WEIGHTS]
            columns += [_mean_kappa(paired, weights) for weights in WEIGHTS]
            columns += [kappas(single[:, place], "linear") for place in range(len(raters))]
            return np.stack(columns, axis=1)

        intervals = self._bootstrap(statistic)
        counts = [len(self.sessions)] * 3 + [self.flow.compared] * 3 + [self._shared] * 3
        counts += [sum(v.rater == rater for s in self.sessions for v in s.verdicts) for rater in raters]
        return [
            Figure.of(name, label, Interval(each.value, each.low, each.high, n), "1")
            for name, each, n in zip(names, intervals, counts, strict=True)
        ]

    @property
    def _shared(self) -> int:
        """How often two raters judged the same session."""
        return sum(len(session.verdicts) * (len(session.verdicts) - 1) // 2 for session in self.sessions)

    @cached_property
    def _by_patient(self) -> Floats:
        """What each patient's sessions add to the sums (P, m)."""
        raters = {rater: place for place, rater in enumerate(self.raters)}
        pairs = {pair: place for place, pair in enumerate(combinations(range(len(raters)), 2))}
        patients = {name: place for place, name in enumerate(dict.fromkeys(s.patient for s in self.sessions))}
        own = np.zeros((len(patients), _K, _K))
        cleared = np.zeros((len(patients), 2))
        single = np.zeros((len(patients), len(raters), _K, _K))
        paired = np.zeros((len(patients), len(pairs), _K, _K))
        for session in self.sessions:
            at = patients[session.patient]
            own[at, session.panel, session.engine] += 1
            cleared[at] += [session.answer.worst <= Clearance.MODIFY, session.answer.definite <= Clearance.MODIFY]
            said = sorted((raters[verdict.rater], verdict.level) for verdict in session.verdicts)
            for rater, level in said:
                single[at, rater, level, session.engine] += 1
            for (one, a), (other, b) in combinations(said, 2):
                paired[at, pairs[one, other], a, b] += 1
        parts = (own, cleared, single, paired)
        return np.concatenate([part.reshape(len(patients), -1) for part in parts], axis=1)

    @cached_property
    def _totals(self) -> Floats:
        return np.asarray(self._by_patient.sum(0))

    def _bootstrap(self, statistic: Any) -> list[Interval]:
        kinds, counts = alike(self._by_patient)
        return bootstrap(kinds, counts, statistic, seed=self.seed, times=self.times)

    def misses(self) -> tuple[Miss, ...]:
        """Every session on which engine and panel part: where the engine is freer first, and lets train whom the panel
        would not; then the widest gap."""
        apart = [session for session in self.sessions if session.gap]
        apart.sort(key=lambda s: (s.gap < 0, (s.engine < _TRAINS) == (s.panel < _TRAINS), -abs(s.gap), s.key))
        return tuple(self._miss(session) for session in apart)

    def _miss(self, session: Session) -> Miss:
        answer = session.answer
        decision = self.engine.decision(answer.row, answer.day)
        reasons = tuple(
            {"rule": each.rule, "state": each.state, "clearance": each.clearance.word, "because": each.because}
            for each in decision.reasons[:3]
        )
        verdicts = tuple({"rater": each.rater, "verdict": LEVELS[each.level], "reason": each.reason}
                         for each in session.verdicts)  # fmt: skip
        return Miss(
            session.patient, session.key, answer.day.isoformat(), session.gap, LEVELS[session.panel],
            LEVELS[session.engine], answer.clearance.word, verdicts, reasons,
            tuple(fact.field for fact in decision.missing[:3]),
        )  # fmt: skip

    @cached_property
    def example(self) -> bool:
        """Whether any patient is an example or synthetic."""
        return self.engine.cohort.has_examples

    def to_dict(self) -> dict[str, Any]:
        """The validation as JSON; only `misses` and `unmatched` name patients, by pseudonym."""
        protocol = self.engine.protocol
        cells = zip(*np.nonzero(self.table), strict=True)
        return {
            "schema": SCHEMA, "engine": f"exrx {__version__}",
            "dictionary_sha256": self.engine.cohort.dictionary.sha256,
            "protocol": {"id": protocol.id, "version": protocol.version, "sha256": protocol.sha256,
                         "local_changes": [change.to_dict() for change in protocol.local_changes]},
            "stage": self.engine.stage, "example": self.example, "seed": self.seed, "samples": self.times,
            "blinding_stated": self.reference.blinding_stated,
            "flow": self.flow.to_dict(),
            "table": [{"panel": LEVELS[a], "engine": LEVELS[b], "sessions": int(self.table[a, b])} for a, b in cells],
            "figures": [figure.to_dict() for figure in self.figures],
            "misses": [miss.to_dict() for miss in self.misses()],
            "unmatched": list(self.unmatched),
            "faults": [fault.to_dict() for fault in self.reference.faults],
        }  # fmt: skip


def _cell(panel_level: int, engine: int) -> Floats:
    one = np.zeros((_K, _K))
    one[panel_level, engine] = 1
    return one


def _split(sums: Floats, raters: int, pairs: int) -> tuple[Floats, Floats, Floats]:
    """Tables of the panel (B, 4, 4), of each rater (B, R, 4, 4) and of each pair of raters (B, P, 4, 4)."""
    size, n = _K * _K, len(sums)
    own, rest = sums[:, :size], sums[:, size + 2 :]
    single, paired = rest[:, : raters * size], rest[:, raters * size :]
    return own.reshape(n, _K, _K), single.reshape(n, raters, _K, _K), paired.reshape(n, pairs, _K, _K)


def _mean_kappa(tables: Floats, weights: str) -> Floats:
    """The mean of the kappas of several tables (B, T, 4, 4), weighted by their sessions; nan where none is defined."""
    found = kappas(tables, weights)
    n = np.where(np.isnan(found), 0.0, tables.sum((-2, -1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((np.nan_to_num(found) * n).sum(1) / n.sum(1))


def _counted(sums: Floats) -> Floats:
    """Of sums (B, m) for each of `_SHARES` how many of how many (B, 6, 2)."""
    table = sums[:, : _K * _K].reshape(-1, _K, _K)
    n = table.sum((1, 2))
    freer = np.tril(np.ones((_K, _K)), -1)
    kept, let = table[:, _TRAINS:].sum((1, 2)), table[:, :_TRAINS].sum((1, 2))
    pairs = [
        ((table * freer).sum((1, 2)), n),
        (table[:, _TRAINS:, :_TRAINS].sum((1, 2)), kept),
        ((table * freer.T).sum((1, 2)), n),
        (table[:, :_TRAINS, _TRAINS:].sum((1, 2)), let),
        (sums[:, _K * _K], n),
        (sums[:, _K * _K + 1], n),
    ]
    return np.stack([np.stack(pair, axis=-1) for pair in pairs], axis=1)


def _shares(counted: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(counted[..., 0] / counted[..., 1])


def validate(engine: Engine, reference: Reference, *, seed: int = SEED, times: int = TIMES) -> Validation:
    """The engine's answer to every session that raters judged, beside their verdicts.

    A verdict is matched by its session (or patient) to the id of a row. Who is not there, there several times, or not
    known by anything is counted and listed in `unmatched`, not compared.
    """
    rows = engine.rows_by_id()
    known: dict[int, bool] = {}
    matched: dict[tuple[int, Any], list[Verdict]] = {}
    lost: dict[str, list[Verdict]] = {"unknown-patient": [], "ambiguous-patient": [], "no-engine-data": []}
    for verdict in reference.verdicts:
        found = rows.get(verdict.key, [])
        if len(found) != 1:
            lost["ambiguous-patient" if found else "unknown-patient"].append(verdict)
            continue
        row = found[0]
        if not known.setdefault(row, engine.knows(row)):
            lost["no-engine-data"].append(verdict)
            continue
        matched.setdefault((row, verdict.day), []).append(verdict)
    answers = engine.answers(matched)
    sessions = tuple(
        Session(verdicts[0].key, verdicts[0].patient, answers[at], tuple(verdicts)) for at, verdicts in matched.items()
    )
    flow = Flow(
        reference.rows, reference.refused, len(lost["unknown-patient"]), len(lost["ambiguous-patient"]),
        len(lost["no-engine-data"]), sum(map(len, matched.values())), len(sessions),
        len({session.patient for session in sessions}),
        len({verdict.rater for verdicts in matched.values() for verdict in verdicts}),
        engine.cohort.n, len({row for row, _ in matched}),
    )  # fmt: skip
    unmatched = tuple({"row": each.row, "session": each.key, "why": why} for why, some in lost.items() for each in some)
    return Validation(engine, reference, sessions, flow, seed, times, unmatched)
