"""Asserts of the scenarios say what they compared."""

import pytest

pytest.register_assert_rewrite("tests.contracts.races", "tests.support.races")
