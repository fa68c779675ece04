"""Proofs over every patient at once, with z3: see docs/proofs.md."""

from exrx.proof.model import Counterexample, Proof
from exrx.proof.prove import prove_protocol

__all__ = ["Counterexample", "Proof", "prove_protocol"]
