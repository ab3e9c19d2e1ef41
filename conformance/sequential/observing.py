"""How a session looks at the store that it performs a program on."""

import attrs

from conformance.sequential.findings import SymptomBucket


@attrs.frozen
class Observing:
    """How a session looks at the store.

    Args:
        after_each_write: read everything after each write (a finding is then seen at once); else only at the end.
        ignoring: what is not reported, so that what comes after it is seen.
    """

    after_each_write: bool = True
    ignoring: frozenset[SymptomBucket] = frozenset()


ALWAYS = Observing()
AT_THE_END = Observing(after_each_write=False)
