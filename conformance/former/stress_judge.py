"""Where histories under load were judged; printed scripts of version 0.1 import it from here."""

from collections.abc import Sequence

from conformance import scripting
from conformance.scripting import EXPLAINED, UNDECIDED, Claims, Seen


def verdict(seen: Sequence[Seen], claims: Claims, who: str) -> str:
    """As `scripting.verdict`, but "" where the history is explained: that is what those scripts compare with."""
    found = scripting.verdict(seen, claims, who)
    return "" if found == EXPLAINED else "undecided" if found == UNDECIDED else found
