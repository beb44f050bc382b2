"""Windows in words, and roles as plain capabilities."""

from datetime import UTC, datetime, timedelta

import pytest

from app.realms.bundles import BUNDLES, expand
from app.realms.fields import window
from app.web.capabilities import capabilities

NOON = datetime(2036, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("from_", "to", "words"),
    [
        (None, None, "until revoked"),
        (NOON - DAY, NOON + 3 * DAY, "for 3 d more"),
        (NOON + DAY, NOON + 11 * DAY, "from tomorrow, for 10 d"),
        (NOON + timedelta(hours=2), None, "from 14:00 UTC, until revoked"),
        (NOON + 9 * DAY, None, "from 2036-01-10, until revoked"),
        (None, NOON - 2 * DAY, "ended 2 d ago"),
    ],
)
def test_windows_are_said_in_words(from_: datetime | None, to: datetime | None, words: str) -> None:
    assert window(from_, to, NOON) == words


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_roles_stand_for_capabilities_there_are_and_never_for_root() -> None:
    every = expand([one.name for one in BUNDLES], with_apps=True)

    assert set(every) <= set(capabilities()) - {"root"}
    assert {"lineage.read", "jobs.read"} <= set(expand(["viewer"], with_apps=False))
    assert expand(["nosuch"], with_apps=True) == []
