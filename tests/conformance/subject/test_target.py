import pathlib

import pytest

from conformance.subject.origin import UNKNOWN
from conformance.subject.subject import Claims, Subject
from conformance.subject.target import TargetError, find_origin, resolve
from spec_store import InMemoryStoreBackend

HERE = "tests.conformance.subject.test_target"


class NeedsDirectory(InMemoryStoreBackend):
    def __init__(self, base_directory, **options):
        super().__init__(**options)
        self._base_directory = base_directory


class DefaultsToHere(InMemoryStoreBackend):
    def __init__(self, directory=".", **options):
        super().__init__(**options)
        self._base_directory = directory


class InAFile(InMemoryStoreBackend):
    def __init__(self, db_path="store.db", timeout=5, **options):
        super().__init__(**options)
        self._base_directory = db_path


class InMemory(InMemoryStoreBackend):
    def __init__(self, db_path=":memory:", **options):
        super().__init__(**options)
        self._base_directory = db_path


class PerhapsHere(InMemoryStoreBackend):
    def __init__(self, where="./data", **options):
        super().__init__(**options)


class PerhapsThere(InMemoryStoreBackend):
    def __init__(self, where: pathlib.Path | None = None, **options):
        super().__init__(**options)


subject = Subject(open=lambda place, **options: InMemoryStoreBackend(**options), claims=Claims(key_length=2))


class Holder:
    held = Subject(open=lambda place, **options: InMemoryStoreBackend(**options))


def factory(**options):
    return InMemoryStoreBackend(**options)


def opened(target):
    with target.subject.place() as place:
        return target.subject.open(place, store_name="x")


@pytest.mark.parametrize("name", ["subject", "Holder.held", "factory", "NeedsDirectory", "DefaultsToHere", "InAFile"])
def test_a_target_opens_and_its_origin_opens_the_same(name):
    target = resolve(f"{HERE}:{name}")
    assert opened(target).store_name == "x"
    names: dict[str, object] = {}
    exec("import contextlib\n" + "\n".join(target.origin.imports), names)
    with eval(target.origin.place or "contextlib.nullcontext()", names) as place:
        assert eval(target.origin.opening("store_name='x'"), {**names, "place": place}).store_name == "x"


def test_a_class_that_needs_a_directory_gets_a_new_one_each_time():
    target = resolve(f"{HERE}:NeedsDirectory")
    with target.subject.place() as one, target.subject.place() as two:
        assert one != two
        assert target.subject.open(one)._base_directory == one


@pytest.mark.parametrize(("name", "end"), [("DefaultsToHere", ""), ("InAFile", "/store")])
def test_an_argument_with_a_default_is_given_a_place_and_not_the_working_directory(name, end):
    target = resolve(f"{HERE}:{name}")
    with target.subject.place() as place:
        assert target.subject.open(place)._base_directory == place + end


def test_a_default_that_is_no_file_stays():
    target = resolve(f"{HERE}:InMemory")
    with target.subject.place() as place:
        assert target.subject.open(place)._base_directory == ":memory:"


@pytest.mark.parametrize(("name", "default"), [("PerhapsHere", "'./data'"), ("PerhapsThere", "None")])
def test_an_argument_that_may_say_where_is_asked_about(name, default):
    with pytest.raises(TargetError) as caught:
        resolve(f"{HERE}:{name}")
    assert f"may say where it keeps its files (where={default}): write a Subject that gives it" in str(caught.value)


def test_claims_are_added_to_those_of_the_subject():
    claims = resolve(f"{HERE}:subject", ["durable"]).subject.claims
    assert (claims.durable, claims.key_length) == (True, 2)


def test_a_file_can_be_named_instead_of_a_module(tmp_path):
    path = tmp_path / "stores_of_mine.py"
    path.write_text("from spec_store import InMemoryStoreBackend as Mine\n", "utf-8")
    target = resolve(f"{path}:Mine")
    assert isinstance(opened(target), InMemoryStoreBackend)
    assert f"sys.path.insert(0, {str(tmp_path)!r})" in target.origin.imports


@pytest.mark.parametrize("text", ["nocolon", ":x", "x:", "nothing_of_the_kind:x", f"{HERE}:HERE", f"{HERE}:nothing"])
def test_a_bad_target_is_the_callers_fault(text):
    with pytest.raises(TargetError) as caught:
        resolve(text)
    assert "\n" not in str(caught.value)


def test_the_origin_of_a_subject_is_found_where_a_module_or_a_class_holds_it():
    assert find_origin(subject).opening() == "subject.open(place)"
    assert find_origin(Holder.held).place == "Holder.held.place()"


def test_a_subject_that_nothing_holds_has_no_origin():
    assert find_origin(Subject(open=factory)) == UNKNOWN
