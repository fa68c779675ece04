"""The weeks on their days: when the patient can, classes, treatment, and the placement of sessions among them.

availability   when, and what each day is      classes    days and minutes of a class
treatment      chemotherapy's days             calendar   one week placed, with HiGHS
lowering       a session made easier           schedule   the weeks of a course on their dates
"""
