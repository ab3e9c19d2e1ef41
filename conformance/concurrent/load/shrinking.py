"""The smallest round like one that failed.

A round that fails does so now and then only: whether a smaller one fails like it is known once it has failed, in one
of many tries, and is taken to be false after these. So what is tried first is what fails most often, and what leaves
out most:

1. Rounds that can fail for one reason only, and so say more of the fault: without listings, adds of the same keys, sets
   of keys of their own. What they violate may be another requirement than that which was found first, a narrower one.
2. Two of the round's operations alone, in which most races can be seen, though they fail more seldom.
3. The round without one client after another, then without one operation after another, as long as that goes on.
"""

from collections.abc import Iterator
from itertools import chain, combinations_with_replacement

from conformance.concurrent.load.counterexample import Found
from conformance.concurrent.load.rounds import Round, of_adds, of_own_keys
from conformance.concurrent.load.trials import SHRINKING, Trials
from conformance.concurrent.load.verdict import general
from conformance.programs.operations import Add, Get, ListKeys, Set
from spec_store.requirements import RequirementId

FEW = 4
"""How many operations a round has that need not be replaced by one of two."""


def smallest(failing: Found, trials: Trials) -> Found:
    """The smallest round that was seen to fail like one, or in a way that says more of the fault."""
    telling = _telling(failing, trials)
    while (attempt := next(telling, None)) is not None:
        better = trials.failure(*attempt)
        # A round made anew may meet a fault of single operations that the one that was found did not.
        if better is not None and not trials.is_wrong_alone(better.run):
            failing, telling = better, _telling(better, trials)
    return _shrunk(_as_two(failing, trials), trials)


def _telling(failing: Found, trials: Trials) -> Iterator[tuple[Round, frozenset[RequirementId]]]:
    """Rounds that fail only for one reason, and the requirements that they violate then."""
    round_, whole = failing.run.round, general(trials.mode.who)
    material, clients = trials.run.harness.material, trials.mode.clients
    # Listings show what else is wrong too. If the round fails without them, they are not to blame.
    if failing.requirement == "LIN-3":
        yield without_listings(round_), frozenset({whole, "ADD-2", "LIN-4"})
    own, adds = of_own_keys(material, clients), of_adds(material, clients)
    able = {"set", "get"}.isdisjoint(trials.run.harness.avoided)
    # Writes that get lost to those of other keys make every other kind of round fail as well: LIN-4 before all else.
    if failing.requirement in (whole, "ADD-2", "LIN-4") and round_ != own and able:
        yield own, frozenset({"LIN-4"})
    # An add that looks first and stores then fails in any round that has some, against whatever else writes the key.
    has_adds = any(isinstance(operation, Add) for operation in round_.every)
    if failing.requirement in (whole, "ADD-2") and round_ != adds and has_adds:
        yield adds, frozenset({"ADD-2"})


def _as_two(failing: Found, trials: Trials) -> Found:
    """A round of just two of its operations that fails like one, or itself."""
    budget = trials.run.budget.within(SHRINKING)
    for two in of_two(failing.run.round) if len(failing.run.round.every) > FEW else ():
        less = trials.failure(two, frozenset({failing.requirement}))
        if less is not None or budget.over():
            return less or failing
    return failing


def _shrunk(failing: Found, trials: Trials) -> Found:
    """The smallest round that fails like one and is made from it by leaving out."""
    budget = trials.run.budget.within(SHRINKING)
    coming = smaller(failing.run.round)
    while (round_ := next(coming, None)) is not None and not budget.over():
        less = trials.failure(round_, frozenset({failing.requirement}))
        if less is not None:
            # From the start again: what could not be left out of a longer round may be left out of this one.
            failing, coming = less, smaller(less.run.round)
    return failing


# Rounds made from one


def without_listings(whole: Round) -> Round:
    """The same round with a get of each key instead of each list_keys."""
    reads = tuple(Get(key) for key in whole.keys)
    clients = tuple(
        tuple(read for operation in client for read in (reads if isinstance(operation, ListKeys) else (operation,)))
        for client in whole.clients
    )
    return Round(whole.initial, clients)


def of_two(whole: Round) -> Iterator[Round]:
    """Rounds of just two of the operations of a round; of the same twice first.

    All keys are stored before, but for one that both add: an add of a stored key is refused, whoever else adds it.
    """
    every = chain(*whole.clients)
    different = {(type(operation), operation.keys): operation for operation in every}.values()
    initial = {operation.key: operation for operation in whole.every if isinstance(operation, Set | Add)}
    stored = tuple(Set(key, operation.value) for key, operation in initial.items())
    pairs = [pair for pair in combinations_with_replacement(different, 2) if pair[0].writes or pair[1].writes]
    for first, second in sorted(pairs, key=lambda pair: (pair[0] != pair[1], not (pair[0].writes and pair[1].writes))):
        contested = {one.key for one in (first, second) if isinstance(one, Add) and isinstance(first, type(second))}
        yield Round(tuple(one for one in stored if one.key not in contested), ((first,), (second,)))


def smaller(whole: Round) -> Iterator[Round]:
    """Rounds with one client less, or one operation less, in the order in which they are worth trying."""
    clients = whole.clients
    for number in range(len(clients) if len(clients) > 2 else 0):
        yield Round(whole.initial, (*clients[:number], *clients[number + 1 :]))
    for number, client in enumerate(clients):
        for at in range(len(client) if len(client) > 1 else 0):
            yield Round(whole.initial, (*clients[:number], (*client[:at], *client[at + 1 :]), *clients[number + 1 :]))
    for at in range(len(whole.initial)):
        yield Round((*whole.initial[:at], *whole.initial[at + 1 :]), clients)
