"""Where the material is that the team shares: market history and language cases."""

import os
from pathlib import Path

import pytest


def shared() -> Path:
    """Return the shared folder: `RULELANG_SHARED`, or `shared` beside the checkout. Without it the test is skipped.

    Under CI nothing is skipped: a missing folder fails.
    """
    folder = Path(os.environ.get("RULELANG_SHARED") or Path(__file__).parents[2] / "shared")
    if not folder.is_dir():
        reason = f"no shared folder at {folder}; set RULELANG_SHARED"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
