"""Figures for reports, drawn on matplotlib (the optional extra `plots`).

style.py                        the house style of every figure: size, fonts, colours, caption, the same bytes each time
overview.py                     the figures of a cohort's overview, with flow.py, stacked.py and upset.py
sweep.py, simulation.py         the figures of a sweep over limits, and of a simulation
"""
