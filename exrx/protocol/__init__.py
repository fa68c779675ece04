"""Protocols: files of rules, read, checked, joined, and made ready for a stage."""

from exrx.protocol.library import load_protocol
from exrx.protocol.model import Member, Parameter, Protocol, Rule

__all__ = ["Member", "Parameter", "Protocol", "Rule", "load_protocol"]
