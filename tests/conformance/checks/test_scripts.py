"""A check's own source is the script of its counterexample: it runs alone, and ends as the check does."""

import contextlib
import io

import pytest

from conformance.checks.case import Case
from conformance.checks.catalogue import CASES
from conformance.checks.counterexample import script_of_case
from conformance.subject.origin import Origin
from tests.conformance.checks.faults import FAULTS
from tests.conformance.checks.runs import broken
from tests.conformance.checks.test_faulty_backends import came_of

FIRST = {case.check.__name__: case for case in reversed(CASES)}
CORRECT = Origin(
    ("import tempfile", "from tests.conformance.checks.stores import FileBackend"),
    "FileBackend(place{options})",
    "tempfile.TemporaryDirectory()",
)


def status_of(script: str) -> object:
    """What a script ends with, run in this process: 0, or what it exits with."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(script, "counterexample.py", "exec"), {"__name__": "__main__"})
    except SystemExit as stop:
        return stop.code or 0
    return 0


@pytest.mark.parametrize("case", FIRST.values(), ids=FIRST)
def test_a_script_ends_well_on_a_correct_backend(case):
    script = script_of_case(case, CORRECT)
    assert status_of(script) == 0
    assert "from conformance" not in script
    assert "import conformance" not in script


def first_failures() -> list[tuple[str, Case, Origin]]:
    """For each check, a case that fails and a faulty backend that it fails on."""
    found: dict[str, tuple[str, Case, Origin]] = {}
    for fault in FAULTS:
        names = broken(came_of(fault))
        name, module = fault.cls.__name__, fault.cls.__module__
        place = "tempfile.TemporaryDirectory()" if fault.source else "contextlib.nullcontext({})"
        origin = Origin(("import tempfile", f"from {module} import {name}"), f"{name}(place{{options}})", place)
        for case in CASES:
            if case.name in names:
                found.setdefault(case.check.__name__, (names[case.name], case, origin))
    return list(found.values())


@pytest.mark.slow
def test_a_script_fails_where_the_check_does():
    failures = first_failures()
    assert {case.check.__name__ for _, case, _ in failures} == set(FIRST)
    for text, case, origin in failures:
        status = status_of(script_of_case(case, origin))
        assert str(status).startswith(f"{case.requirement} is violated: "), (case.name, status, text)
