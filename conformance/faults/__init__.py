"""Backends with one known fault each, and correct but odd ones: what the kit itself is tested with."""
