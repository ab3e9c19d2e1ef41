"""Whether what came of a pair of operations is explained: the oracle, whoever ran them (LIN-1 to LIN-4, ADD-2, ALL-1).

With two operations and nothing else, linearizable means: what came of them, and what the store holds then, is what
comes of one of the two orders. So:

1. Both orders are run on the subject itself, and what comes of the pair is compared with what comes of them. What the
   subject does wrong without any concurrency is so not held against it once more.
2. Where neither order agrees, the subject may have said beforehand that it does less: that its moves are in two steps,
   that its listings are no snapshots. Then the history is judged as those under load are (`histories`).
3. A get_all is no snapshot either: of each key it gives what there was before the other operation, or after it. What it
   never may do is raise since a key went, for none of its keys is named by its caller.
"""

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import attrs

from conformance.concurrent.histories.judge import judge
from conformance.concurrent.histories.records import Record, history_of
from conformance.concurrent.pairs.pairs import Observation, Pair, Transcript, is_answer, reads_after, records_of
from conformance.probes.linearizability import Linearizable
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import WRITES, Get, GetAll, Set
from conformance.programs.outcomes import Outcome, Raised, Returned, same
from conformance.subject.subject import Claims

CONFLICT = ("raised", "StoreBackendError")
"""What every operation may raise that overlaps another, whether or not it has been applied."""


def comparable_text(pair: Pair, observation: Observation) -> Transcript:
    """Outcomes as text that can be compared."""
    first = _comparable(observation.first, is_answer(pair.first))
    second = _comparable(observation.second, is_answer(pair.second))
    return (first, second, *map(_comparable, observation.reads))


def _comparable(outcome: Outcome, is_answer: bool = True) -> tuple[str, str]:
    """An outcome as text: listings in order, for they may be in any; exceptions by their kind."""
    if isinstance(outcome, Raised):
        return ("raised", outcome.kind)
    if not isinstance(outcome, Returned):
        return ("ended", str(outcome))
    value = outcome.value if is_answer else None
    return ("returned", repr(sorted(value, key=repr) if isinstance(value, list) else value))


def is_explained(pair: Pair, observation: Observation, orders: Sequence[Transcript], *, claims: Claims) -> bool:
    """Whether one of the orders explains what came of a pair, or else what the subject does not claim.

    Args:
        pair: the pair.
        observation: what came of it.
        orders: what comes of it one operation after the other, either way round.
        claims: what the subject claims.
    """
    if comparable_text(pair, observation) in orders:
        return True
    if _raised_beyond(observation, orders):
        return False
    if any(isinstance(operation, GetAll) for operation in (pair.first, pair.second)):
        return _gets_each(pair, observation)
    return _linearizable(pair, observation, claims)


def _gets_each(pair: Pair, observation: Observation) -> bool:
    """Whether a get_all gave of each key its value before the other operation or after it, or none where it had none.

    It need be no snapshot, as a listing need not, so each key is judged by itself.
    """
    outcome = observation.first if isinstance(pair.first, GetAll) else observation.second
    if not isinstance(outcome, Returned):
        return isinstance(outcome, Raised) and outcome.kind == CONFLICT[1]
    before = {operation.key: repr(operation.value) for operation in pair.initial if isinstance(operation, Set)}
    after = {
        read.key: repr(seen.value) if isinstance(seen, Returned) else None
        for read, seen in zip(reads_after(pair), observation.reads, strict=True)
        if isinstance(read, Get)
    }
    values = Counter(map(repr, outcome.value)) if isinstance(outcome.value, list) else None
    choices = ({before.get(key), after[key]} for key in after)
    return any(
        values == Counter(value for value in chosen if value is not None) for chosen in itertools.product(*choices)
    )


def _raised_beyond(observation: Observation, orders: Sequence[Transcript]) -> bool:
    """Whether one of the two operations raised what it raises in neither order, and what is no conflict.

    A history would take such an operation as one that may have been applied or not, and so explain it; but no state
    of the store makes it raise that, so it is never explained.
    """
    for number, outcome in enumerate((observation.first, observation.second)):
        usual = {CONFLICT, *(order[number] for order in orders)}
        if not isinstance(outcome, Returned) and _comparable(outcome) not in usual:
            return True
    return False


def _linearizable(pair: Pair, observation: Observation, claims: Claims) -> bool:
    # What the initial operations have stored is known, so they need be no part of the history.
    values = [one.value for one in (*pair.initial, pair.first, pair.second) if isinstance(one, WRITES)]
    initial = {one.key: _named(one.value, values) for one in pair.initial if isinstance(one, Set)}
    judgement = judge(
        history_of(_as_text(record, values) for record in records_of(pair, observation)),
        initial,
        atomic_move=claims.atomic_move,
        snapshot_list=claims.snapshot_list,
    )
    # A search that gives up is no explanation; a history this short never makes it.
    return isinstance(judgement.verdict, Linearizable) and not judgement.listing_faults


def _as_text(record: Record, values: Sequence[Any]) -> Record:
    """A record with text for its values, as histories have them, and without the id's key, which no pair writes."""
    operation, outcome = record.operation, record.outcome
    if isinstance(operation, WRITES):
        operation = attrs.evolve(operation, value=_named(operation.value, values))
    if isinstance(operation, Get) and isinstance(outcome, Returned):
        outcome = Returned(_named(outcome.value, values))
    elif isinstance(outcome, Returned) and isinstance(outcome.value, list):
        outcome = Returned([key for key in outcome.value if key != ID_KEY])
    return attrs.evolve(record, operation=operation, outcome=outcome)


def _named(value: Any, values: Sequence[Any]) -> str:
    """A value by its number among those that are written, whatever it is; by its repr if it is none of them."""
    return next((f"value {number}" for number, one in enumerate(values) if same(one, value)), repr(value))
