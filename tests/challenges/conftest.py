"""What tests of challenges start from."""

import pytest
from flask import Flask

from tests.challenges.stage import Stage, set_stage


@pytest.fixture
def stage(database: Flask) -> Stage:
    """An organisation and its people, committed."""
    return set_stage(database)
