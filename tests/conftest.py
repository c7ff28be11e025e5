"""Fixtures that every room's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real question files and labelled recordings that lie beside a checkout, never in it."""
    if not (SHARED / "benchmarks").is_dir():
        pytest.skip("needs the real question files and recordings in ../shared")
    return SHARED
