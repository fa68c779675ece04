"""Cohorts of any size: rows stream in, are answered batch by batch, and stream out.

    names.py   the patients' names in a batch, and what is wrong with them
    batch.py   `answer_batch`, the only unit of work on every engine
"""
