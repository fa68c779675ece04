"""A cohort in an overview: who trains where and why not, and what is missing, with small counts hidden.

disclosure.py  which counts have to be hidden so that no small one can be worked out from the others
people.py      in which group each patient is: cancer type, sex, age, treatment
ledger.py      the counts of one report, tied to each other, and the report's content once they are settled
tables.py      clearance and track by group
reasons.py     who does not train and why: the flow's reasons, overlapping domains, facts that are missing
programme.py   plans, the target by week, and the sessions that were held
monitoring.py  the set of figures that the Danish knowledge report asks every service for
equity.py      whether groups differ at each step of the course: gaps with intervals, made of printed counts
overview.py    `cohort_overview`: all of it as one JSON content, made of printed counts only
"""
