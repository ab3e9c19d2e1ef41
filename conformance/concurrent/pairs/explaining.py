"""Which races another violation explains, and what can be said of their requirement all the same.

Most pairs of a faulty store race, at many of their lines, and nearly all for one reason. What is violated most broadly
is told, and a race that shows no more than that is left out. What is left is judged with the broader fault held out,
and only where nothing is left that could judge it a requirement is masked (`Mask`):

    violated   what it explains         what it does not explain                     so what is still judged
    ---------  -----------------------  -------------------------------------------  -----------------------------
    ADD-2      LIN-1, LIN-4 of an add   pairs without an add                         LIN-1, LIN-4 without adds
    LIN-1, 3,  ALL-1 of a get_all that  a get_all that raises InvalidKeyError        get_all, by that alone
    or 4       gives or raises another
    LIN-4      LIN-1, ADD-2             pairs of one key alone: no write of another  LIN-1 of one key, which a torn
               of several keys          key is there that could take one away        get violates; ADD-2
"""

from collections.abc import Iterable, Sequence

from conformance.concurrent.pairs.pairs import Race
from conformance.programs.operations import Add
from conformance.report.evidence import Mask
from spec_store.requirements import RequirementId

RACES_OF_THREADS = 5
"""How many races of threads are reported under one requirement."""

RACES_OF_PROCESSES = 3
"""How many of processes are, of which fewer are tried."""


GENERAL: tuple[RequirementId, ...] = ("LIN-1", "LIN-2")
"""What all operations are judged by, of threads and of processes."""

GETTING: tuple[RequirementId, ...] = (*GENERAL, "LIN-3", "LIN-4")
"""What a get_all is made of: gets, and a listing."""

GONE = ("raised", "InvalidKeyError")
"""What a get_all gives that gets a key which was removed since it was listed."""


def races_to_report(races: Iterable[Race]) -> list[Race]:
    """Of the races of threads those to report: the shortest of each kind, without those that another one explains."""
    races = sorted(races, key=lambda race: (race.doubtful, race.size, race.where.number))
    violated = violated_by(races)
    kinds: dict[tuple[RequirementId, str, str], Race] = {}
    for race in races:
        if explained_by(race, violated) is None:
            kinds.setdefault((race.requirement, race.pair.first.name, race.pair.second.name), race)
    return first_of_each(kinds.values(), RACES_OF_THREADS)


def violated_by(races: Iterable[Race]) -> set[RequirementId]:
    """The ids of what races violate; one that has not shown again explains nothing, for it may be none."""
    return {race.requirement for race in races if not race.doubtful}


def explained_by(race: Race, violated: Iterable[RequirementId]) -> RequirementId | None:
    """The id of another requirement whose violation is all that a race shows; None if it shows more."""
    adds = isinstance(race.pair.first, Add) or isinstance(race.pair.second, Add)
    # An add that looks first and stores then loses to any write: it is reported once, as what ADD-2 forbids.
    if race.requirement in (*GENERAL, "LIN-4") and adds and "ADD-2" in violated:
        return "ADD-2"
    # What it gets is what list_keys and get give, but that a key has gone is its own affair.
    if race.requirement == "ALL-1" and not (set(race.seen[:2]) & {GONE}):
        return next((name for name in GETTING if name in violated), None)
    # Writes that get lost to those of another key get lost to those of the same key too, if there is another one.
    several = len(race.pair.keys) > 1
    if race.requirement in (*GENERAL, "ADD-2") and several and "LIN-4" in violated:
        return "LIN-4"
    return None


def masks(races: Sequence[Race]) -> dict[RequirementId, Mask]:
    """The requirements of which other violations explain all races: not shown to be violated, and not passed either."""
    violated = violated_by(races)
    found: dict[RequirementId, Mask] = {}
    for name in {race.requirement for race in races}:
        explaining = [explained_by(race, violated) for race in races if race.requirement == name]
        if explaining and explaining[0] is not None and all(explaining):
            found[name] = Mask(explaining[0], WHY[explaining[0]].format(count=len(explaining)))
    return found


_GETS = "{count} pairs with a get_all give what no order explains, as its gets and its listing do"
WHY = {
    **dict.fromkeys(("LIN-1", "LIN-2", "LIN-3"), _GETS),
    "ADD-2": "{count} pairs with an add show what no order explains, as an add that looks first does; others do not",
    "LIN-4": "{count} pairs of several keys show what no order explains, as lost writes do; pairs of one key do not",
}


def first_of_each(races: Iterable[Race], most: int) -> list[Race]:
    """So many races of each requirement, requirement by requirement."""
    kept: dict[RequirementId, list[Race]] = {}
    for race in races:
        kept.setdefault(race.requirement, []).append(race)
    return [race for group in kept.values() for race in group[:most]]


def of_processes(races: Iterable[Race]) -> list[Race]:
    """Of the races of processes those to report; of a get_all, those that neither its gets nor its listing explain."""
    races = list(races)
    violated = {race.requirement for race in races}
    told = [race for race in races if race.requirement != "ALL-1" or explained_by(race, violated) is None]
    return first_of_each(told, RACES_OF_PROCESSES)
