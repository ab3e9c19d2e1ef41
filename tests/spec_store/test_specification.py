import inspect

import pytest

from spec_store import REQUIREMENTS, InMemoryStoreBackend, StoreBackend, specification


def test_the_kept_text_is_what_is_rendered():
    assert specification.PATH.read_text(encoding="utf-8") == specification.render(), (
        "write it anew: python -m spec_store.specification"
    )


def test_writing_it_ends_lines_the_same_way_everywhere(tmp_path, monkeypatch):
    monkeypatch.setattr(specification, "PATH", tmp_path / "SPEC.md")
    specification.main()
    assert (tmp_path / "SPEC.md").read_bytes() == specification.render().encode()


@pytest.mark.parametrize("one", REQUIREMENTS, ids=lambda one: one.id)
def test_each_requirement_has_its_row(one):
    rows = [line for line in specification.render().splitlines() if line.startswith(f"| {one.id} |")]
    assert len(rows) == 1
    assert one.text.replace("|", r"\|") in rows[0]
    assert rows[0].replace(r"\|", "").count("|") == 6


@pytest.mark.parametrize("cls", [StoreBackend, InMemoryStoreBackend])
def test_the_constructors_stand_in_it_as_they_are(cls):
    arguments = ", ".join(
        f"{parameter.name}={parameter.default!r}" for parameter in inspect.signature(cls).parameters.values()
    ).replace("''", '""')
    text = " ".join(specification.render().replace("'", '"').split())
    assert f"{cls.__name__}( {arguments}, )".replace("'", '"') in text
