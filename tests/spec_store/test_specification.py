import inspect
import re

import pytest

from spec_store import REQUIREMENTS, InMemoryStoreBackend, Requirement, StoreBackend, requirement, specification


def test_the_kept_text_is_what_is_rendered():
    assert specification.PATH.read_text(encoding="utf-8") == specification.render(), (
        "write it anew: python -m spec_store.specification"
    )


def test_writing_it_ends_lines_the_same_way_everywhere(tmp_path, monkeypatch):
    monkeypatch.setattr(specification, "PATH", tmp_path / "SPEC.md")
    specification.main()
    assert (tmp_path / "SPEC.md").read_bytes() == specification.render().encode()


def section(one: Requirement) -> str:
    _, begin, rest = specification.render().partition(f"\n### {one.id}\n")
    assert begin
    return re.split(r"^##", rest, maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("one", REQUIREMENTS, ids=lambda one: one.id)
def test_each_requirement_has_one_heading_below_its_class(one):
    text = specification.render()
    assert text.count(f"\n### {one.id}\n") == 1
    before = text[: text.index(f"\n### {one.id}\n")]
    assert re.findall(r"^## (.*)$", before, re.MULTILINE)[-1] == f"Class {one.class_}"


@pytest.mark.parametrize("one", REQUIREMENTS, ids=lambda one: one.id)
def test_each_requirement_is_told_with_all_its_particulars(one):
    text = section(one)
    assert f"**{one.level}**" in text
    assert f"class {one.class_}" in text
    assert f"origin: {one.origin}" in text
    assert f"since {one.since}" in text
    assert ("always asked" in text) is (one.claim == "always" and one.method is None)
    assert (f"`{one.method}` exists" in text) is (one.method is not None)
    assert f"\n{one.text}\n" in text
    assert f"*Why:* {one.why}\n" in text
    assert f"```{'python' if one.staging is None else 'text'}\n{one.example}\n```\n" in text
    assert (f"*Put to the test with:* {one.staging}." in text) is (one.staging is not None)


def test_all_conditions_of_being_asked_are_named():
    assert "asked where `threads` or `processes` is claimed and the method `add` exists" in section(
        requirement("ADD-2")
    )


def test_all_links_resolve():
    text = specification.render()
    headings = re.findall(r"^##+ (.*)$", text, re.MULTILINE)
    links = re.findall(r"\]\(([^)]*)\)", text)
    inner = {link for link in links if link.startswith("#")}
    assert inner <= {specification.anchor(heading) for heading in headings}
    assert {specification.anchor(one.id) for one in REQUIREMENTS} <= inner
    assert set(links) - inner == {"https://www.rfc-editor.org/rfc/rfc2119", "https://www.rfc-editor.org/rfc/rfc8174"}


def test_no_two_headings_have_one_anchor():
    anchors = [specification.anchor(one) for one in re.findall(r"^##+ (.*)$", specification.render(), re.MULTILINE)]
    assert len(anchors) == len(set(anchors))
    assert "#move-3" in anchors


@pytest.mark.parametrize("cls", [StoreBackend, InMemoryStoreBackend])
def test_the_constructors_stand_in_it_as_they_are(cls):
    arguments = ", ".join(
        f"{parameter.name}={parameter.default!r}" for parameter in inspect.signature(cls).parameters.values()
    ).replace("''", '""')
    text = " ".join(specification.render().replace("'", '"').split())
    assert f"{cls.__name__}( {arguments}, )".replace("'", '"') in text
