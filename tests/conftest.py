"""Settings for all tests: Hypothesis without deadlines, because two shared cores make single timings unreliable.

With EXRX_SAME_EXAMPLES=1 (`.ci/run` sets it) Hypothesis tries the same examples every time, so that the verdict on main
does not hang on luck. Without it every run looks for new ones: what it finds becomes an `@example` and is mended.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import settings

from exrx.cli.main import main

settings.register_profile("exrx", deadline=None, derandomize=os.environ.get("EXRX_SAME_EXAMPLES") == "1")
settings.load_profile("exrx")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public test data beside the checkout; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the public test data (../shared/data) is not beside this checkout")
    return SHARED_DATA


@pytest.fixture
def ask(tmp_path, capsys):
    """Write JSON to a file, run a command in which FILE stands for it, and give its code, output and messages."""

    def run(content, *arguments):
        path = tmp_path / "given.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        code = main([str(path) if part == "FILE" else part for part in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run
