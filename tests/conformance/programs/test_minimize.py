from conformance.programs.material import material
from conformance.programs.minimize import cost, minimize
from conformance.programs.operations import Get, ListKeys, Move, RemoveKey, Set, SetMany
from conformance.subject.subject import Claims
from conformance.system.budget import Effort

MATERIAL = material(Claims())
A, B = ("a",), ("b",)


def test_operations_that_do_not_matter_are_dropped():
    program = (Set(B, "x"), Get(A), Set(A, "y"), ListKeys(), Move(A, B), RemoveKey(A))
    assert minimize(program, lambda shorter: any(isinstance(one, Move) for one in shorter), MATERIAL) == (Move(A, A),)


def test_keys_become_plain_but_stay_as_related_as_is_needed():
    program = (Set(("x\n", "y", "z"), "1"), Set(("x\n",), "2"))

    def nested(shorter):
        keys = [one.key for one in shorter if isinstance(one, Set)]
        return len(keys) == 2 and keys[0] != keys[1] and keys[0][: len(keys[1])] == keys[1] and keys[1]

    assert [one.keys for one in minimize(program, nested, MATERIAL)] == [(("a", "a"),), (A,)]


def test_a_long_text_is_cut_to_the_length_that_is_needed():
    program = (Set(A, "0123456789" * 1000),)
    (left,) = minimize(
        program, lambda shorter: any(isinstance(one, Set) and len(one.value) > 4096 for one in shorter), MATERIAL
    )
    assert isinstance(left, Set)
    assert len(left.value) <= 4096 + 64


def many(program):
    return sum(one.count for one in program if isinstance(one, SetMany))


def test_many_keys_become_no_more_than_needed():
    (left,) = minimize((SetMany(A, 1100),), lambda shorter: many(shorter) > 1000, MATERIAL)
    assert many((left,)) == 1001


def test_each_step_makes_a_program_cheaper():
    program = (Set(("B\n",), "text\n", True), Move(("B\n",), A))
    left = minimize(program, lambda shorter: len(shorter) == 2, MATERIAL)
    assert cost(left, MATERIAL) < cost(program, MATERIAL)


def test_no_more_replays_than_the_effort_permits():
    replays = []

    def never(shorter):
        replays.append(shorter)
        return False

    minimize((Set(A, "1"),) * 30, never, MATERIAL, Effort(replays=7))
    assert len(replays) == 7
