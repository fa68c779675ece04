"""Figures for reports, drawn on matplotlib (the optional extra `plots`).

style.py   the house style of every figure: size, fonts, colours, caption, and files that are the same byte for byte
"""
