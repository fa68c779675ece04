"""What was done, session by session: read from a file that somebody filled in, row by row, nothing lost."""

from exrx.training.logs.activity import activity_of_log, check_log
from exrx.training.logs.entry import ExerciseDone, SessionLog
from exrx.training.logs.keys import keyed_sessions
from exrx.training.logs.log import LogProblem, LogReading, read_log
from exrx.training.logs.template import log_template

__all__ = [
    "ExerciseDone",
    "LogProblem",
    "LogReading",
    "SessionLog",
    "activity_of_log",
    "check_log",
    "keyed_sessions",
    "log_template",
    "read_log",
]
