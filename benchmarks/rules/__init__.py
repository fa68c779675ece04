"""Fifty rules on millions of patients: exrx and its peers on the same rules and the same cells.

    conditions   the fields and the rules, drawn at random with a fixed seed
    patients     patients as exrx columns, as an Arrow table, and one by one
    engine       exrx itself
    peer         what every peer is, and the four answers it may give
    in_*         one peer each
    equal        nobody is timed before the answers are equal
    unknowns     what each peer says of a value that nobody gave
    end_to_end   from columns as they are handed in to decisions with every rule's answer kept
    timing       rates, memory, and the speed at which the bytes can be read at all
    report       the bars, and tables for RESULTS.md
"""
