"""Texts of one hash share it, by the implementations that Python has; and keys of one hash are told by it."""

import binascii
import hashlib
import zlib

import pytest

from conformance.faults.stores.dict_store import DictStore, new_shelf
from conformance.harness.harness import Harness
from conformance.programs.material import material
from conformance.programs.transformations.hashing import (
    ARC,
    BITS,
    CASTAGNOLI,
    HASHING,
    LINEAR,
    bernstein_xor,
    ccitt,
    elf,
    fnv1,
    fnv1a,
    jenkins,
    murmur3,
    polynomial,
    reflected,
    share_a_hash,
)
from conformance.programs.transformed_keys import transformed_keys
from conformance.sequential.bare import divergences
from conformance.sequential.relating import relation_between
from conformance.subject.subject import Claims, Subject

CHECK = b"123456789"

KNOWN = {
    "CRC-16": (reflected(ARC, 0), CHECK, 0xBB3D),
    "CRC-32C": (lambda raw: reflected(CASTAGNOLI, BITS)(raw) ^ BITS, CHECK, 0xE3069283),
    "CRC-32": (lambda raw: reflected(0xEDB88320, BITS)(raw) ^ BITS, CHECK, zlib.crc32(CHECK)),
    "CCITT": (ccitt, CHECK, binascii.crc_hqx(CHECK, 0xFFFF)),
    "String.hashCode": (polynomial(31), b"hello", 99162322),
    "Bernstein": (polynomial(33, 5381), b"a", 177670),
    "second Bernstein": (bernstein_xor, b"a", 177604),
    "FNV-1": (fnv1, b"a", 0x050C5D7E),
    "FNV-1a": (fnv1a, b"a", 0xE40C292C),
    "Jenkins": (jenkins, b"a", 0xCA2E9442),
    "object files": (elf, b"printf", 0x077905A6),
    "MurmurHash3": (murmur3, b"hello", 0x248BFA47),
}
DIGESTS = {name: lambda raw, name=name: hashlib.new(name, raw).digest()[:4] for name in ("md5", "sha1", "sha256")}
HASHES = {"crc32": zlib.crc32, "adler32": zlib.adler32, "fnv1a": fnv1a, "java": polynomial(31), "sum": sum, **DIGESTS}


@pytest.mark.parametrize(("hashed", "raw", "number"), KNOWN.values(), ids=KNOWN)
def test_a_hash_is_what_it_is_known_to_be(hashed, raw, number):
    assert hashed(raw) == number


@pytest.mark.parametrize("relation", LINEAR, ids=lambda relation: relation.phrase)
def test_texts_of_a_linear_hash_are_of_one_length(relation):
    ((text, other),) = relation.examples

    assert len(text) == len(other)
    assert relation.matches(f"a/{text}/b", f"a/{other}/b")


def found(slot):
    class Hashes(DictStore):
        _slot = slot

    subject = Subject(Hashes, new_shelf, Claims())
    made = transformed_keys(subject, material(subject.claims), HASHING)
    return any(divergences(Harness(subject), batch.read_whole) for batch in made)


@pytest.mark.parametrize("hashed", HASHES.values(), ids=HASHES)
def test_keys_that_are_known_by_the_hash_of_their_joined_name_are_found(hashed):
    assert found(lambda self, key: (len(key), hashed("/".join(key).encode())))


@pytest.mark.parametrize("hashed", HASHES.values(), ids=HASHES)
@pytest.mark.parametrize("at", [0, -1])
def test_keys_of_which_one_element_is_hashed_are_found(hashed, at):
    def slot(self, key):
        return (
            (*key[1:], hashed(key[0].encode())) if at == 0 and key else (*key[:-1], hashed("".join(key[-1:]).encode()))
        )

    assert found(slot)


@pytest.mark.parametrize("relation", HASHING, ids=lambda relation: f"{relation.phrase} {relation.examples}")
def test_keys_of_one_hash_are_told_by_a_hash(relation):
    ((text, other),) = relation.examples

    related = relation_between((text,), (other,))
    assert related is not None
    assert "does not show" in related.phrase


def test_no_hash_relates_plain_keys():
    plain = [*"abcdefgh", "ab", "abc", "k1", "k2", "v10", "v11"]

    assert not [one.phrase for one in HASHING for left in plain for right in plain if one.relates((left,), (right,))]


def test_keys_share_a_hash_where_two_texts_that_do_are_at_one_place():
    assert share_a_hash([("x",), ("a", "fibecu"), ("b", "rerasi")])
    assert not share_a_hash([("a", "fibecu"), ("rerasi", "a"), ("12",), ("21",)])
