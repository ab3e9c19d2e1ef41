"""What relates the keys of a counterexample: the plainest function that makes one of them, or of two values, the other.

A program that is minimal says which keys share a place, not why: that a reader would have to see for himself, where one
character in forty differs. So the catalogue of `transformations` is asked, in its order, from the plainest on:

    shown                              asked                                        said
    ---------------------------------  -------------------------------------------  ----------------------------------
    KEY-4                              does a relation relate two of its keys?      by what keys differ that share
    another requirement, by odd keys   likewise; of a prefix as much of the other   by what the two keys differ
    a text that came back as another   is it what a function makes of it?           by what the two texts differ

Where nothing does, nothing is said: it is no matter of keys then, or of a function that nobody has thought of.
"""

from itertools import combinations

from conformance.programs.oddities import oddity
from conformance.programs.operations import ListKeys, keys_in
from conformance.programs.outcomes import Returned
from conformance.programs.transformations.catalogue import RELATIONS, TRANSFORMATIONS
from conformance.programs.transformations.transformation import Relation, Transformation
from conformance.sequential.expectations import Exactly
from conformance.sequential.findings import Violation
from spec_store import Key


def relation_between(left: Key, right: Key) -> Relation | None:
    """The plainest relation of two different keys, or None; one that makes a third of both if there is no other."""
    turning = (one for one in RELATIONS if one.turns(left, right))
    return next(turning, None) or next((one for one in RELATIONS if one.relates(left, right)), None)


def change_between(text: str, came: str) -> Transformation | None:
    """The plainest function of texts that makes one of another, or None."""
    return next((one for one in TRANSFORMATIONS if one.change and _makes(one, text, came)), None)


def _makes(one: Transformation, text: str, came: str) -> bool:
    try:
        return text != came and one.apply((text,)) == (came,)
    except ValueError:  # lone surrogates
        return False


def told_relation(violation: Violation) -> str:
    """What relates the keys, or the values, of a counterexample, in a sentence; "" where nothing does.

    Of a program that could not be made minimal nothing is said: most of its keys do not matter.
    """
    if violation.remark:
        return ""
    related = next((found for left, right in _pairs(violation) if (found := relation_between(left, right))), None)
    if related is not None and violation.requirement == "KEY-4":
        return f"Keys that differ by {related.phrase} only share a value."
    if related is not None:
        return f"The keys differ by {related.phrase} only."
    changed = _changed(violation)
    return f"The values differ by {changed.phrase} only." if changed is not None else ""


def _pairs(violation: Violation) -> list[tuple[Key, Key]]:
    """Every two keys of a counterexample of which one is odd; of a prefix and a longer key, as much of that."""
    keys = list(keys_in((*violation.setup, violation.observation)))
    if violation.finding.key is not None and violation.finding.key not in keys:
        keys.append(violation.finding.key)
    if isinstance(violation.observation, ListKeys) and violation.observation.prefix:
        length = len(violation.observation.prefix)
        keys = list(dict.fromkeys(key[:length] for key in keys))
    # Plain keys are what is left where the keys do not matter, unless they are said to be the matter.
    about_keys = violation.requirement == "KEY-4"
    return [pair for pair in combinations(keys, 2) if about_keys or any(map(oddity, pair))]


def _changed(violation: Violation) -> Transformation | None:
    """The function that makes the text that came of the one that was expected."""
    expected, actual = violation.expected, violation.actual
    if not (isinstance(expected, Exactly) and isinstance(actual, Returned)):
        return None
    if not (isinstance(expected.value, str) and isinstance(actual.value, str)):
        return None
    return change_between(expected.value, actual.value)
