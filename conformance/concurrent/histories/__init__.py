"""Histories of operations at once: does an order explain them?

`records` says what was seen, `model` which states of a store each operation may leave, `listings` which listings are
wrong in any order, and `judge` puts them together. The search itself knows nothing of stores: it is
`conformance.probes.linearizability`.
"""
