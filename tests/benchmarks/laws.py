"""Which laws each mutant of the reference breaks, in all instances and from all states of the small world, as a matrix.

Run: python tests/benchmarks/laws.py [MUTANT ...]

It takes a CPU minute for all. `X` is the only law that a mutant breaks, `x` one of several.
"""

import sys

from conformance.system.budget import cpu_seconds
from spec_store.catalogue.laws import LAWS
from tests.conformance.programs.kept import broken_by
from tests.conformance.programs.mutants import MUTANTS

WIDTH = max(len(one.__name__) for one in MUTANTS)


def heading() -> str:
    """The numbers of the laws, one below the other digit by digit."""
    numbers = [f"{number:2}" for number in range(1, len(LAWS) + 1)]
    return "\n".join(" " * WIDTH + " " + " ".join(number[digit] for number in numbers) for digit in (0, 1))


def row(name: str, broken: frozenset[str]) -> str:
    """The row of a mutant."""
    mark = "X" if len(broken) == 1 else "x"
    return f"{name:{WIDTH}} " + " ".join(mark if law.id in broken else "." for law in LAWS)


def main() -> None:
    chosen = [one for one in MUTANTS if one.__name__ in sys.argv[1:] or not sys.argv[1:]]
    print(*(f"{number:2} {law.id}: {law.left} = {law.right}" for number, law in enumerate(LAWS, 1)), sep="\n")
    print(heading())
    alone: set[str] = set()
    for one in chosen:
        broken = broken_by(one)
        alone |= broken if len(broken) == 1 else set()
        print(row(one.__name__, broken) + ("" if broken == MUTANTS[one] else "  not as it says"), flush=True)
    never = [law.id for law in LAWS if law.id not in alone]
    print(f"{len(chosen)} mutants, {len(LAWS)} laws; broken alone by none: {', '.join(never) or 'no law'}")
    print(f"{cpu_seconds():.0f} CPU s")


if __name__ == "__main__":
    main()
