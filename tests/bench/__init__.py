"""Measurements: each prints a figure beside a named baseline of the same run, and their ratio.

Nothing here asserts a speed: tests assert order and completeness, the figures go to
docs/performance.md with the machine named.
"""
