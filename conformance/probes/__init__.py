"""Mechanics that know nothing of stores."""
