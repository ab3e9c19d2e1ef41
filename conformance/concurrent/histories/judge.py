"""Whether an order explains a history.

A history is judged in two ways, for the specification asks two things:

- An order must explain the outcomes of all operations but the listings (LIN-1, LIN-2, LIN-4). The search looks for it,
  over the states of `model`.
- A listing need be no snapshot, unless that is claimed: it must have the keys that were stored throughout the call, and
  none that was missing throughout (LIN-3). That needs no order, only times (`listings`). Where it is claimed, the
  listings take part in the search as well; what LIN-3 forbids, no snapshot can have either.

What the subject does not claim makes the history weaker before it is searched: a move that is not atomic becomes two
events, the copy and the removal, each of which takes effect at a moment of its own.
"""

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
    # The search gets what it is to explain; the faults of listings and what is unclear are told of the history itself.
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
        # One that was refused took no step but the look; a move to the same key, as two, would remove what it copied.
        if in_steps and not is_refused(event) and not is_onto_itself(operation):
            # Both steps have the times of the whole: either may come at any moment of it.
            events += [attrs.evolve(event, operation=Part(operation, number, last)) for last in (False, True)]
        elif snapshot_list or not isinstance(operation, ListKeys):
            events.append(event)
    return tuple(events)


def _is_reading(event: Event) -> bool:
    # A read of the id may create it, and so is none.
    return isinstance(event.operation, Get | HasKey | ListKeys) or is_refused(event)
