"""The course of rehabilitation as the Danish template draws it (Oversigt I-IV), from need to effect.

    vocabulary.py    closed lists and dated rules, read from `protocols/pathway/`
    record.py        one person's course; read.py makes it of course JSON
    needs.py         is there a need, which assessments are due
    forks.py         Oversigt I as a state machine, for one person and for a cohort
    referral.py      GOP or prevention, level, authority by date, the clock from discharge, weekly load
    planning.py      the three requirements and the tasks that remain
    psychosocial.py  Oversigt III      support.py  Oversigt IV, late effects      palliation.py  KRP
    state.py         `pathway`: all of it for one person on one day; to_json.py writes it

Unknown never passes a fork, a signed need is never taken back, and nothing social takes anything away.
"""
