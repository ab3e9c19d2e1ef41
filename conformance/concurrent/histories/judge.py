"""Whether an order explains a history."""

from collections.abc import Mapping, Sequence

import attrs

from conformance.concurrent.histories.listings import ListingFault, listing_faults
from conformance.concurrent.histories.model import Stored, steps
from conformance.concurrent.histories.records import Part, is_onto_itself, is_refused
from conformance.probes.linearizability import BUDGET, Event, Verdict, search
from conformance.programs.operations import Get, HasKey, ListKeys, Move, Update
from spec_store.keys import Key


@attrs.frozen
class Judgement:
    """What is to be said of a history.

    Args:
        events: what the search was to explain; the indices in `verdict` are indices in it.
        verdict: whether an order explains them (LIN-1, LIN-2, LIN-4; with `snapshot_list`, LIN-3).
        listing_faults: the listings that LIN-3 forbids; their indices are indices in the history.
        unclear: the indices in the history of the operations that hung or raised what no state of the store
            explains. The search takes them as maybe applied; whether they are faults is for the caller to say.
    """

    events: tuple[Event, ...]
    verdict: Verdict
    listing_faults: tuple[ListingFault, ...]
    unclear: tuple[int, ...]


def judge(
    history: Sequence[Event],
    initial: Mapping[Key, str],
    *,
    atomic_move: bool = True,
    snapshot_list: bool = False,
    budget: int = BUDGET,
) -> Judgement:
    """Judge what came of concurrent operations on one store (LIN-1, LIN-2, LIN-3, LIN-4; and so ADD-2 and ID-9).

    Args:
        history: as `history_of` makes it.
        initial: what was stored before all of it, the id included.
        atomic_move: whether the backend claims to move in one step. If not, a move may be seen half done, the value
            at both keys; but never at neither.
        snapshot_list: whether it claims that list_keys is linearizable too. If not, listings are judged by LIN-3.
        budget: how many nodes the search may visit.

    Raises:
        KeyError: an operation is get_all, set_many or reopen.
    """
    events = to_explain(history, atomic_move=atomic_move, snapshot_list=snapshot_list)
    stored: Stored = frozenset(initial.items())
    return Judgement(
        events,
        search(events, stored, steps, budget, is_reading=_is_reading),
        listing_faults(history, initial),
        tuple(index for index, event in enumerate(history) if event.end is None),
    )


def to_explain(history: Sequence[Event], *, atomic_move: bool, snapshot_list: bool) -> tuple[Event, ...]:
    """The events for the search: without listings but for `snapshot_list`, and in steps where one is not demanded.

    An update is two steps always, a look and a set: LIN-1 does not name it.
    """
    events: list[Event] = []
    for number, event in enumerate(history):
        operation = event.operation
        in_steps = isinstance(operation, Update) or (isinstance(operation, Move) and not atomic_move)
        if in_steps and not is_refused(event) and not is_onto_itself(operation):
            events += [attrs.evolve(event, operation=Part(operation, number, last)) for last in (False, True)]
        elif snapshot_list or not isinstance(operation, ListKeys):
            events.append(event)
    return tuple(events)


def _is_reading(event: Event) -> bool:
    return isinstance(event.operation, Get | HasKey | ListKeys) or is_refused(event)
