"""The dose that was delivered beside the one planned: per person, and for a group without mixing its means."""

from exrx.training.delivered.dose import Delivered, delivered
from exrx.training.delivered.group import delivered_many, group_rdi

__all__ = ["Delivered", "delivered", "delivered_many", "group_rdi"]
