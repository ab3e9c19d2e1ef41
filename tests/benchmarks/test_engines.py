"""The benchmarks of engines do their job: every client does what is measured, and what is wrong is said."""

import pytest

from spec_store.backends import FilesystemStoreBackend
from tests.benchmarks import large
from tests.benchmarks.engines import Measured, markdown
from tests.benchmarks.large_places import PLACES as LARGE
from tests.benchmarks.places import PLACES
from tests.benchmarks.side_by_side import OPERATIONS, Layout, compare, ratio

SMALL = ["memory", "files", "sqlite", "postgresql", "mariadb", "redis", "objects"]


@pytest.mark.parametrize("engine", SMALL)
def test_all_clients_do_all_operations_and_leave_the_store_as_it_was(engine):
    layout = Layout(30)
    with PLACES[engine](layout) as sides:
        figures = compare(sides, layout, 0.0)
        keys = {
            name: set(map(tuple, side.client.list_keys())) - {(".ge_store_backend_id",)} for name, side in sides.items()
        }

    assert list(figures) == list(OPERATIONS)
    assert all(set(found) == set(sides) for found in figures.values())
    assert all(min(turn) >= 0 for found in figures.values() for turns in found.values() for turn in turns)
    assert keys == {name: set(layout.every()) for name in sides}


def test_a_ratio_is_the_median_of_rounds_of_one_clock():
    found = {"ours": [(2.0, 9.0), (4.0, 9.0), (90.0, 9.0)], "bare": [(1.0, 3.0), (1.0, 9.0), (10.0, 1.0)]}

    assert (ratio(found, "ours", "bare", "CPU"), ratio(found, "ours", "bare", "wall")) == (4.0, 3.0)
    assert ratio(found, "ours", "gx", "CPU") is None


def test_a_table_has_a_line_for_each_client_and_shows_what_is_above_the_limit():
    figures = {
        "get": {"ours": [(1.4, 3.0)], "bare": [(1.0, 1.0)], "gx": [(2.0, 1.0)]},
        "set": {"ours": [(1.6, 3.0)], "bare": [(1.0, 1.0)]},
    }
    lines = list(markdown([Measured("files", 1000, figures)], "CPU"))

    assert lines[2].startswith("| files | 1,000 | 1.40 | **1.60** |")
    assert lines[3].startswith("| files / GX | 1,000 | 0.70 |  |")
    assert len({line.count("|") for line in lines}) == 1


@pytest.mark.parametrize("engine", LARGE)
def test_a_large_store_is_measured_and_nothing_grows(engine, tmp_path):
    report = large.measured(engine, 200, tmp_path)

    assert report.wrong == []
    assert any(line.startswith("list_keys: 200 in") for line in report.lines)


def test_what_grows_and_what_is_lost_is_told(tmp_path, monkeypatch):
    kept = []
    real = FilesystemStoreBackend._set

    def leaking(self, key, value):
        kept.append((tmp_path / "leak").open("w"))
        if key[-1] != "key-07":
            real(self, key, value)

    monkeypatch.setattr(FilesystemStoreBackend, "_set", leaking)
    try:
        report = large.measured("files", 100, tmp_path)
    finally:
        for file in kept:
            file.close()

    assert any(one.startswith("descriptors grew") for one in report.wrong)
    assert "files: 99, not 100" in report.wrong
