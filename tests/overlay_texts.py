"""A local overlay of dk-2015 as text: its head, and one that changes the platelets during chemotherapy."""

HEAD = """\
id: local
version: "1"
extends: dk-2015
author: Department, lead physiotherapist
date: 2026-11-25
reason: Agreed.
"""
PLATELETS = (
    HEAD
    + """\
parameters:
  platelets_in_chemotherapy_min: {{value: {value}, unit: 10^9/L, source: local-decision, verified: unverified}}
"""
)
