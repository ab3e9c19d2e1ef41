"""How a campaign is to be run."""

import attrs

from conformance.system.limits import DEFAULT_SECONDS
from spec_store.requirements import SPEC_VERSION, SpecVersion

DEFAULT_EXAMPLES = 30


@attrs.frozen
class Options:
    """How a campaign is to be run.

    Args:
        examples: how many random programs to run.
        seed: of the random programs; the same seed and subject give the same programs.
        classes: the classes of requirements to judge; None is all that apply.
        budget: seconds by the wall to be done in, about; None is as long as it takes.
        limit: the time limit for one operation, in seconds.
        avoid: names of operations not to perform (they ended the process or hung before).
        skip: names of cases not to run (likewise).
        spec: the version of the specification to judge by.
        wait: seconds that are waited between what is written and what is read, once; 0 is not at all.
    """

    examples: int = DEFAULT_EXAMPLES
    seed: int = 0
    classes: tuple[str, ...] | None = None
    budget: float | None = None
    limit: float = DEFAULT_SECONDS
    avoid: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    spec: SpecVersion = SPEC_VERSION
    wait: float = 0.0
