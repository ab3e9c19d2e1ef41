"""Tests that have nothing to do with the kit: they must run as they did before spec-store was installed."""

import sys

import pytest


@pytest.fixture
def number():
    return 7


def test_a_fixture(number):
    assert number == 7


@pytest.mark.parametrize("text", ["a", "b"])
def test_each_parameter(text):
    assert text in "ab"


def test_the_kit_is_not_imported():
    assert "conformance.campaign" not in sys.modules
