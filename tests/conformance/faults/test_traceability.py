"""Each requirement is put to the test, and by something that a planted fault has shown to find it."""

import pytest

from conformance.faults import traceability
from conformance.faults.traceability import PATH, README, render, traces
from spec_store.requirements import REQUIREMENTS

ROWS = traces(README.read_text("utf-8"))


def test_the_kept_table_is_up_to_date():
    assert PATH.read_text("utf-8") == render(README.read_text("utf-8")), (
        "write it anew: python -m conformance.faults.traceability"
    )


def test_every_requirement_has_one_row():
    assert tuple(row.requirement for row in ROWS) == REQUIREMENTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.requirement.id)
def test_no_cell_is_empty_but_that_of_public_bugs(row):
    assert row.tests
    assert row.faults


def test_public_bugs_are_those_of_the_readme():
    told = {row.requirement.id: row.bugs for row in ROWS if row.bugs}
    assert told["MOVE-3"] == ("Great Expectations 1.24, memory: a move onto itself loses the value",)
    assert any("a missing key raises KeyError" in bug for bug in told["REMOVE-3"])
    assert {"KEY-4", "GET-1", "CONFIG-3"} <= told.keys()


def test_a_readme_without_that_table_is_refused():
    with pytest.raises(ValueError, match="no section"):
        traces("# Nothing\n")


def test_it_is_written_with_the_same_ends_of_lines_everywhere(tmp_path, monkeypatch):
    monkeypatch.setattr(traceability, "PATH", tmp_path / "TRACEABILITY.md")
    traceability.main()
    assert (tmp_path / "TRACEABILITY.md").read_bytes() == render(README.read_text("utf-8")).encode()
