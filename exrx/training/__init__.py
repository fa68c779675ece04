"""Training: a programme, a decision and a target give a plan; a week of activity is held against a target.

prescriber  from a decision to a plan, `prescribe` (cohort: for many people)     refusal   where there is none, and why
programme   what is followed: template (a ladder, built by builder) or table/ (a trial)     course   under a restriction
targets     weekly targets, `check_week` (targets_cohort: on arrays)     session   what is trained on a day
exercises   the library, and what each loads      substitution   what may stand in for an exercise
capacity/   formulas, zones, what steers the effort      phase, person, personal   where the patient stands
weeks/      days, classes, treatment, calendar      plan   the record (plan_json, plan_rows, plan_parts)
explain     what a cap changes, what forbids a target      details, wishes   what people add
logs/, adapting/, delivered/   what was done, next week from it, and the dose that was given
"""

from exrx.training.details import Details
from exrx.training.plan import Plan
from exrx.training.prescriber import prescribe
from exrx.training.programme import Programme, load_programme
from exrx.training.refusal import PlanRefused
from exrx.training.targets import ActivityDay, Target, TargetResult, check_week, load_target, load_targets
from exrx.training.template import Training, load_training, shipped_trainings
from exrx.training.weeks.schedule import Frame

__all__ = [
    "ActivityDay",
    "Details",
    "Frame",
    "Plan",
    "PlanRefused",
    "Programme",
    "Target",
    "TargetResult",
    "Training",
    "check_week",
    "load_programme",
    "load_target",
    "load_targets",
    "load_training",
    "prescribe",
    "shipped_trainings",
]
