"""What is proved of a protocol, over every patient at once, and how well its checks would notice a slip.

See docs/proofs.md. z3 is loaded at the first proof.
"""

from exrx.proof.model import Counterexample, Proof
from exrx.proof.prove import prove_protocol

__all__ = ["Counterexample", "Proof", "prove_protocol"]
