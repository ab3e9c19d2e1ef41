"""Directed checks: for each requirement that programs do not reach, small functions that judge it alone.

The source of a check is the script of its counterexample, so a check is plain: see `case`.
"""
