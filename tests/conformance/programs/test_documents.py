"""Documents as values, and records of another key: what reads them is found, and no correct store is accused."""

import json
import re

import pytest
from hypothesis import strategies

from conformance.faults.stores.dict_store import DictStore, new_shelf
from conformance.harness.harness import Harness
from conformance.programs.documents import DOCUMENTS, RECORDS, documents_as_values
from conformance.programs.material import material
from conformance.programs.operations import Reopen
from conformance.sequential.bare import divergences
from conformance.subject.subject import Claims, Subject

PLAIN = Claims()


def made(store, claims):
    subject = Subject(store, new_shelf, claims)
    return list(documents_as_values(subject, material(claims)))


def wrong(store, claims=PLAIN):
    harness = Harness(Subject(store, new_shelf, claims))
    return [one for batch in made(store, claims) for one in divergences(harness, batch.read_whole)]


def reparsed(text):
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return text


CHANGES = {
    "JSON": reparsed,
    "a conflict": lambda text: re.sub(r"(?ms)^<{7}.*?^=======\n(.*?)^>{7}.*?\n", r"\1", text),
    "terminal": lambda text: re.sub(r"\x1b\[[0-9;]*m", "", text),
    "times": lambda text: re.sub(r"^(\d{4}-\d\d-\d\dT[0-9:]{8})\+00:00$", r"\1Z", text),
    "a dot": lambda text: re.sub(r"(?m)^\.\.", ".", text),
    "CSV": lambda text: re.sub(r'^"(\w)","(\w)"', r"\1,\2", text),
    "INI": lambda text: re.sub(r"(?m)^(\w) = ", r"\1=", text) if text.startswith("[") else text,
    "XML": lambda text: re.sub(r"<(\w)></\1>", r"<\1/>", text),
    "address": lambda text: text.replace(":80/", "/") if text.startswith("http:") else text,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_a_reader_writes_anew_is_found(change):
    class Reads(DictStore):
        def _get(self, key):
            value = super()._get(key)
            return change(value) if isinstance(value, str) else value

    assert wrong(Reads)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: repr(record("k", "v")))
def test_a_line_of_another_value_that_is_taken_for_a_record_is_found(record):
    class OneText(DictStore):
        def _get(self, key):
            value, mine = super()._get(key), record("/".join(key), "2")
            held = [other for _, other in self._kept.values() if isinstance(other, str)]
            return "2" if any(f"x\n{mine}\n" in other for other in held) else value

    assert wrong(OneText)


def test_what_is_kept_is_opened_again():
    class Repairs(DictStore):
        def _opened(self):
            for slot, (key, value) in self._kept.items():
                self._kept[slot] = (key, value.replace("%PDF", "%pdf") if isinstance(value, str) else value)
            super()._opened()

    assert wrong(Repairs, Claims(durable=True))
    assert not any(Reopen() in batch.program for batch in made(DictStore, Claims()))


def test_each_document_is_there_once_and_is_a_whole_one():
    assert len(set(DOCUMENTS)) == len(DOCUMENTS) > 250
    assert all(len(text) < 100 for text in DOCUMENTS)


@pytest.mark.parametrize("claims", [Claims(), Claims(durable=True), Claims(key_length=3)])
def test_the_store_that_is_correct_passes(claims):
    assert not wrong(DictStore, claims)


def test_where_values_are_claimed_there_are_none():
    assert not made(DictStore, Claims(values=strategies.just(1)))
