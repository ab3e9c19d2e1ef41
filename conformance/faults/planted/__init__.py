"""Stores with one fault each, by what it is about."""
