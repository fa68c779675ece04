"""Training: a template, a decision and a target give a plan; a week of activity is held against a target.

targets     weekly targets, `check_week`              template   what a programme is made of, read and
checked builder     one week from caps and baseline, pure     plan       the record, as JSON, CSV and
table rows prescriber  from a decision to a plan, `prescribe`      refusal    where there is none, and why
"""

from exrx.training.plan import Plan
from exrx.training.prescriber import prescribe
from exrx.training.refusal import PlanRefused
from exrx.training.targets import ActivityDay, Target, TargetResult, check_week, load_target, load_targets
from exrx.training.template import Training, load_training, shipped_trainings

__all__ = [
    "ActivityDay",
    "Plan",
    "PlanRefused",
    "Target",
    "TargetResult",
    "Training",
    "check_week",
    "load_target",
    "load_targets",
    "load_training",
    "prescribe",
    "shipped_trainings",
]
