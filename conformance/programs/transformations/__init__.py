"""Functions that somebody's code applies to a key, or to a value: what makes one of two, as a catalogue.

A fault of keys is such a function: two keys that it makes the same have one place. There are more keys than anybody can
try, but not many functions that code is written with, and each is known by a few keys. So the catalogue has, for each
room of functions, those that were met in stores, file systems, databases and libraries, with keys that each changes;
`programs.transformed_keys` has all of them in stores at once, `programs.changing_values` does the same with texts.
"""
