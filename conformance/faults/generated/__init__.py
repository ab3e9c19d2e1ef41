"""Faults drawn from a seed, which nobody has thought of beforehand, and what the kit makes of them."""
