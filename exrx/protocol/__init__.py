"""Protocols: files of rules, read, checked, joined, and made ready for a stage."""

from exrx.protocol.library import DEFAULT_PROTOCOL, load_protocol
from exrx.protocol.model import Member, Parameter, Protocol, Rule

__all__ = ["DEFAULT_PROTOCOL", "Member", "Parameter", "Protocol", "Rule", "load_protocol"]
