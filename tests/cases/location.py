"""Where the shared cases lie, asked while tests are collected: a missing folder must not stop the collection."""

import os
from pathlib import Path


def folder() -> Path | None:
    """Return the shared folder, or `None` where there is none; `tests.shared` then skips or fails."""
    found = Path(os.environ.get("RULELANG_SHARED") or Path(__file__).parents[3] / "shared")
    return found if (found / "cases").is_dir() else None
