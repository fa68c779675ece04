"""Settings for all tests: Hypothesis without deadlines, because two shared cores make single timings unreliable."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("exrx", deadline=None)
settings.load_profile("exrx")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public test data beside the checkout; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the public test data (../shared/data) is not beside this checkout")
    return SHARED_DATA
