"""From each requirement to what puts it to the test, to the faults planted against it, and to the bugs known in public.

`python -m conformance.faults.traceability`, in a checkout, writes TRACEABILITY.md; a test holds it to be up to date.

    column           where it is read off
    ---------------  -------------------------------------------------------------------------------------
    put to the test  the cases of `checks`; what programs of any subject count for (`CREDITED`, laws);
                     by the claim that makes it asked: pairs and load, or crashes
    planted faults   `FAULTS`, those that are to be found under it
    public bug       the README's table of what the kit finds in Great Expectations as released

Only the last column may have an empty cell: nothing is asked that nothing judges, and nothing judges what no fault has
shown it to find.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import attrs

from conformance.checks.catalogue import CASES
from conformance.faults.catalogue import FAULTS
from conformance.sequential.again import CREDITED
from spec_store.catalogue.laws import LAWS
from spec_store.requirements import REQUIREMENTS, SPEC_VERSION, Claim, Requirement

PATH = Path(__file__).parents[1] / "TRACEABILITY.md"
"""Where the table is kept."""

README = Path(__file__).parents[2] / "README.md"

SEARCHES: dict[Claim, str] = {
    "threads": "*pairs and load of threads*",
    "processes": "*pairs and load of processes*",
    "threads or processes": "*pairs and load of threads and processes*",
    "crash_safe": "*crashes*",
    'durability="power"': "*loss of power*",
}
"""What judges what only a claim makes asked, besides checks."""

_HEAD = f"""\
# Traceability, version {SPEC_VERSION} of the specification

<!-- Written by `python -m conformance.faults.traceability`; see there where it comes from. -->

Searches are in italics, all else are directed checks, by the name of the function and how many cases it has. *Programs*
are the directed and random ones that run in lock-step with the reference, a law is the equation in SPEC.md that they
are judged by. The planted faults are those of `conformance selftest`.

| requirement | since | put to the test by | planted faults | public bug |
|---|---|---|---|---|
"""


@attrs.frozen
class Trace:
    """One row of the table.

    Args:
        requirement: what it is about.
        tests: what puts it to the test, in Markdown.
        faults: the names of the faults planted against it.
        bugs: the bugs that are known in public, in Markdown; there may be none.
    """

    requirement: Requirement
    tests: tuple[str, ...]
    faults: tuple[str, ...]
    bugs: tuple[str, ...]


def traces(readme: str) -> tuple[Trace, ...]:
    """A row for each requirement, in the order of the catalogue.

    Args:
        readme: the text that has the table of public bugs.
    """
    bugs = dict(_public(readme))
    return tuple(
        Trace(
            one,
            tuple(_tests(one)),
            tuple(fault.name for fault in FAULTS if fault.requirement == one.id),
            tuple(text for (id, _), text in bugs.items() if id == one.id),
        )
        for one in REQUIREMENTS
    )


def _tests(one: Requirement) -> Iterator[str]:
    names = [case.check.__name__ for case in CASES if case.requirement == one.id]
    for name in dict.fromkeys(names):
        yield f"`{name}` ({names.count(name)})"
    laws = [law.id for law in LAWS if one.id in law.requirements]
    if laws or one.id in CREDITED:
        yield f"*programs* (law {', '.join(laws)})" if laws else "*programs*"
    if one.claim in SEARCHES:
        yield SEARCHES[one.claim]


def _public(readme: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Requirement and backend of each bug that the README tells of, and what it tells."""
    version = re.search(r"^## What it finds in (Great Expectations [\d.]+)$", readme, re.MULTILINE)
    if version is None:
        raise ValueError("the README has no section of what the kit finds in Great Expectations")
    section = readme[version.end() :].partition("\n## ")[0]
    for backend, ids, text in re.findall(r"^\| ([^|]+) \| ((?:[A-Z]+-\d+(?:, )?)+) \| (.+) \|$", section, re.MULTILINE):
        for id in ids.split(", "):
            yield (id, backend), f"{version[1]}, {backend}: {text}"


def render(readme: str) -> str:
    """The text of TRACEABILITY.md."""
    return _HEAD + "".join(map(_row, traces(readme)))


def _row(one: Trace) -> str:
    required = one.requirement
    faults = ", ".join(one.faults)
    return f"| {required.id} | {required.since} | {', '.join(one.tests)} | {faults} | {'; '.join(one.bugs)} |\n"


def main() -> None:
    """Write TRACEABILITY.md."""
    PATH.write_text(render(README.read_text("utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
