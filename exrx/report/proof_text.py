"""Proofs in words: one line where all hold, and for each that fails what, where, why and on whom."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from exrx.proof.model import Counterexample, Proof

_PROPERTIES = {
    "can-fire": ("reglen kan aldrig gælde", "the rule can never fire"),
    "not-always": ("reglen gælder altid", "the rule always fires"),
    "swallowed": ("reglen føjer intet til", "the rule adds nothing"),
    "tiers": ("trinnene passer ikke sammen", "the tiers do not fit"),
    "monotone": ("en værre værdi gør svaret mildere", "a worse value loosens the answer"),
    "safety": ("det ukendte gør svaret mildere", "what is unknown loosens the answer"),
    "time": ("tiden gør svaret mildere", "time loosens the answer"),
    "law": ("en lov holder ikke", "a law fails"),
    "engine": ("en af motorens egne love holder ikke", "a law of the engine fails"),
    "exception": ("en undtagelse er ikke nødvendig", "an exception is not needed"),
}
_WORDS = {
    "da": {
        "hold": "{id}: alle {n} beviser holder ({s:.1f} s)",
        "declared": "; {n} af dem ved en undtagelse, som protokollen begrunder",
        "fail": "{id}: {k} af {n} beviser holder ikke ({s:.1f} s)",
        "one fails": "{id}: 1 af {n} beviser holder ikke ({s:.1f} s)",
        "at": "ved {stage}",
        "disagree": "Motoren viser det ikke på denne patient: bevisets formler og motoren er uenige. Det er en fejl i "
        "exrx, ikke i protokollen; meld den.",
        "try": "Prøv selv: exrx screen {file} --protocol {id} --stage {stage} --as-of {day}",
        "a file": "FIL",
        "patient": "patient",
    },
    "en": {
        "hold": "{id}: all {n} proofs hold ({s:.1f} s)",
        "declared": "; {n} of them by an exception that the protocol gives a reason for",
        "fail": "{id}: {k} of {n} proofs fail ({s:.1f} s)",
        "one fails": "{id}: 1 of {n} proofs fails ({s:.1f} s)",
        "at": "at {stage}",
        "disagree": "The engine does not show it on this patient: the formulas of the proof and the engine disagree. "
        "That is a fault of exrx, not of the protocol; please report it.",
        "try": "Try it: exrx screen {file} --protocol {id} --stage {stage} --as-of {day}",
        "a file": "FILE",
        "patient": "patient",
    },
}


def proof_lines(asked: str, proofs: Sequence[Proof], seconds: float, lang: str, files: dict[int, str]) -> Iterator[str]:
    """The lines of a protocol; `asked` is how it was called, `files` names the file of a failed proof's patients."""
    words = _WORDS[lang]
    failed = [(index, proof) for index, proof in enumerate(proofs) if not proof.holds]
    key = "hold" if not failed else "one fails" if len(failed) == 1 else "fail"
    line = words[key].format(id=asked, n=len(proofs), k=len(failed), s=seconds)
    declared = sum(bool(proof.declared) for proof in proofs)
    yield line + (words["declared"].format(n=declared) if declared else "")
    for index, proof in failed:
        yield from _failure(asked, proof, lang, files.get(index))


def _failure(asked: str, proof: Proof, lang: str, file: str | None) -> Iterator[str]:
    words = _WORDS[lang]
    stage = f" {words['at'].format(stage=proof.stage)}" if proof.stage else ""
    place = f"{proof.where}: " if proof.where else ""
    yield f"  {place}{proof.name}: {_PROPERTIES[proof.name][lang == 'en']}{stage}"
    yield f"    {proof.of}"
    if proof.why:
        yield f"    {proof.why[lang]}"
    if proof.counterexample:
        yield from _patients(asked, proof.counterexample, lang, file)


def _patients(asked: str, found: Counterexample, lang: str, file: str | None) -> Iterator[str]:
    words = _WORDS[lang]
    for label, patient in zip(found.labels, found.patients, strict=True):
        yield f"    {label[lang]}: {json.dumps(patient, ensure_ascii=False)}"
    if not found.replayed:
        yield f"    {words['disagree']}"
    yield "    " + words["try"].format(file=file or words["a file"], id=asked, stage=found.stage, day=found.as_of)
