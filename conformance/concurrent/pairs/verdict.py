"""Whether what came of a pair of operations is explained: the oracle, whoever ran them (LIN-1 to LIN-4, ADD-2).

With two operations and nothing else, linearizable means: what came of them, and what the store holds then, is what
comes of one of the two orders. So:

1. Both orders are run on the subject itself, and what comes of the pair is compared with what comes of them. What the
   subject does wrong without any concurrency is so not held against it once more.
2. Where neither order agrees, the subject may have said beforehand that it does less: that its moves are in two steps,
   that its listings are no snapshots. Then the history is judged as those under load are (`histories`).
"""

from collections.abc import Sequence

from conformance.concurrent.histories.judge import judge
from conformance.concurrent.histories.records import history_of
from conformance.concurrent.pairs.pairs import Observation, Pair, Transcript, is_answer, records_of
from conformance.probes.linearizability import Linearizable
from conformance.programs.keys import ID_KEY
from conformance.programs.operations import Set
from conformance.programs.outcomes import Outcome, Raised, Returned
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
    return ("returned", repr(sorted(value) if isinstance(value, list) else value))


def is_explained(
    pair: Pair, observation: Observation, orders: Sequence[Transcript], *, claims: Claims, foreign: bool = False
) -> bool:
    """Whether one of the orders explains what came of a pair, or else what the subject does not claim.

    Args:
        pair: the pair.
        observation: what came of it.
        orders: what comes of it one operation after the other, either way round.
        claims: what the subject claims.
        foreign: whether its values are no text.
    """
    if comparable_text(pair, observation) in orders:
        return True
    if _raised_beyond(observation, orders):
        return False
    if foreign:
        # Histories are of text, so these cannot be judged. Where the subject claims less than all, that may be why no
        # order agrees, and nobody is accused wrongly.
        return pair.requirement == "LIN-3" or not claims.atomic_move
    return _linearizable(pair, observation, claims)


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
    initial = {operation.key: operation.value for operation in pair.initial if isinstance(operation, Set)}
    own = Observation(
        _without_id(observation.first),
        _without_id(observation.second),
        tuple(map(_without_id, observation.reads)),
    )
    judgement = judge(
        history_of(records_of(pair, own)),
        initial,
        atomic_move=claims.atomic_move,
        snapshot_list=claims.snapshot_list,
    )
    # A search that gives up is no explanation; a history this short never makes it.
    return isinstance(judgement.verdict, Linearizable) and not judgement.listing_faults


def _without_id(outcome: Outcome) -> Outcome:
    """A listing without the id's key, which no operation of a pair has written."""
    if isinstance(outcome, Returned) and isinstance(outcome.value, list):
        return Returned([key for key in outcome.value if key != ID_KEY])
    return outcome
