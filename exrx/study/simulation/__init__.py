"""A synthetic cohort followed through a programme, day by day: screen, train, log, adapt.

    behaviour    what is assumed about people, with source and flag
    world        what happens to the patients whatever the programme does: blood, findings, illness, lots
    sessions     sessions under a number each, and the single patient's functions on them, each asked once
    plans        which plan each enrolled patient follows
    standing     what has been earned, for many patients at once
    follow       a protocol through the days
    results      tables, and variants against each other
"""
