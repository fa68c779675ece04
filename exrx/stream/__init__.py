"""Cohorts of any size: rows stream in, are answered batch by batch, and stream out.

    names.py    the patients' names in a batch, and what is wrong with them
    batch.py    `answer_batch`, the only unit of work on every engine
    ids.py      ids that stand in several rows, in bounded memory
    sinks.py    tables written in pieces, in the format that the ending names
    folder.py   a folder of parts with its manifest: what is there, and what it belongs to
    run.py      a whole table: batches on a few threads, in order, into a file or a folder
"""
