from hypothesis import strategies

from conformance.programs.material import material
from conformance.programs.operations import Get, Set, Update
from conformance.programs.sizes import (
    FILLINGS,
    about,
    size_sweeps,
    sizes_to,
    text_of,
    told_size,
    value_sizes,
)
from conformance.subject.subject import Claims
from tests.conformance.programs.sweeping import CLAIMS, MATERIAL, wrong_in

VALUES, ELEMENTS, DEPTHS, LONGEST = size_sweeps(CLAIMS, MATERIAL)


def test_sizes_are_on_both_sides_of_each_power_of_two():
    assert about(12) == (4095, 4096, 4097)
    assert sizes_to(3) == (1, 2, 3, 4, 5, 7, 8, 9)


def test_a_text_has_the_length_that_it_is_asked_for():
    assert all(len(text_of(filling, size)) == size for filling in FILLINGS for size in sizes_to(17))


def test_no_two_blocks_of_a_varied_text_are_alike():
    text = text_of("varied", 1 << 16)
    blocks = [text[start : start + 4096] for start in range(0, len(text), 4096)]
    assert len(set(blocks)) == len(blocks)


def test_characters_of_several_bytes_lie_across_the_boundary_of_each_block():
    for filling in FILLINGS[2:]:
        lengths = [size for size, kind in value_sizes(16) if kind == filling]
        for block in (64, 512, 4096, 8192):
            raw = [text_of(filling, size).encode() for size in lengths]
            assert any(len(one) > block and one[block] & 0xC0 == 0x80 for one in raw)


def test_values_reach_four_mebibytes_and_exact_multiples():
    sizes = {size for size, _ in value_sizes(22)}
    assert {1 << 22, (1 << 22) + 1, (1 << 22) - 1, 3 * 4096, 3 * 65536, 65536} <= sizes
    assert VALUES.extents[-1].words == "to 4 MiB"


def test_each_value_of_an_extent_is_read_at_once():
    for program in VALUES.extents[1].programs():
        if any(isinstance(operation, Update) for operation in program):
            continue  # a life
        for number, operation in enumerate(program):
            if isinstance(operation, Set):
                assert program[number + 1] == Get(operation.key)


def test_values_past_some_sizes_are_written_by_every_operation():
    for extent, longest in zip(VALUES.extents, (1 << 10, 1 << 13, 1 << 16, 1 << 20, 1 << 20), strict=True):
        written = [len(one.value) for program in extent.programs() for one in program if isinstance(one, Update)]
        assert max(written, default=1) - longest in range(1, 9)


def test_the_weight_of_an_extent_is_about_what_it_performs():
    for one in (*VALUES.extents[:3], *ELEMENTS.extents, *DEPTHS.extents[:1]):
        performed = sum(map(len, one.programs()))
        assert performed <= one.weigh() <= 2 * performed + 20


def test_keys_reach_a_thousand_elements_and_64_kib_in_all():
    programs = [*DEPTHS.extents[-1].programs(), *LONGEST.extents[-1].programs()]
    keys = [key for program in programs for operation in program for key in operation.keys]
    assert max(map(len, keys)) == 1024
    assert max(sum(map(len, key)) for key in keys) == 1 << 16


def test_elements_reach_64_kib_and_begin_alike():
    keys = {operation.key for operation in next(iter(ELEMENTS.extents[-1].programs())) if isinstance(operation, Set)}
    assert {255, 256, 4096, 65535, 65536, 65537} <= {len(element) for (element,) in keys}


def test_no_key_of_many_elements_is_the_beginning_of_another():
    keys = {operation.key for operation in next(iter(DEPTHS.extents[-1].programs())) if isinstance(operation, Set)}
    assert not [key for key in keys for other in keys if other != key and other[: len(key)] == key]


def test_the_reference_passes():
    assert (
        wrong_in(program for one in (VALUES, ELEMENTS, DEPTHS, LONGEST) for program in one.extents[-1].programs()) == []
    )


def test_what_a_subject_claims_of_its_values_and_keys_leaves_no_sizes():
    assert size_sweeps(Claims(values=strategies.just(b""), elements=strategies.just("a")), MATERIAL) == ()


def test_a_subject_whose_keys_have_two_elements_is_asked_for_no_more():
    claims = Claims(key_length=2)
    assert [sweep.dimension for sweep in size_sweeps(claims, material(claims))] == [
        "value lengths",
        "lengths of an element",
    ]


def test_sizes_are_told_in_words():
    assert [told_size(size) for size in (255, 1024, 65536, 1 << 22)] == ["255", "1 KiB", "64 KiB", "4 MiB"]


def test_the_longest_keys_cost_no_directories_for_they_are_no_paths():
    assert LONGEST.extents[0].weigh() < DEPTHS.extents[0].weigh() * 10
