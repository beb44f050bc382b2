"""The story, told once for all tests of the demo."""

from __future__ import annotations

import pytest

from app.demo import events
from tests.demo.reading import NOW, Told


@pytest.fixture(scope="session")
def told() -> Told:
    """Return thirty days of events, ending on a Wednesday at 09:30."""
    return Told(list(events(NOW)), NOW)
