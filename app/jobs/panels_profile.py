"""What a person's profile tells of jobs: the role in each realm, how many runs are one's own, and the newest."""

from dataclasses import dataclass

from app.db import db, unscoped, utcnow
from app.jobs.models import Job, Run
from app.jobs.queries import own
from app.jobs.queries.sight import sight_of
from app.jobs.shown import status
from app.realms.decision import find_standing, realms_of
from app.realms.models import Realm
from app.web.identity import Identity
from app.web.panels import Panel, panel

MOST_REALMS, MOST_RUNS, SHOWN = 10, 1_000, 5


@dataclass(frozen=True, slots=True)
class Own:
    """A realm, the role there, how many runs (None without a right to read them), and the newest with their words."""

    name: str
    longname: str
    url: str
    role: str
    runs: int | None
    newest: list[tuple[Run, Job, str]]

    @property
    def filter(self) -> str:
        """Return the filter of the list of runs that shows them."""
        return "provider" if self.role == "provider" else "customer"


@panel("account", "profile")
def jobs(who: Identity) -> Panel | None:
    """Return roles and own runs, at most ten realms and three statements each; None without a realm."""
    found = [one for each in realms_of(who.user_id)[:MOST_REALMS] if (one := _own(who, *each))]
    return Panel("Roles and runs", "jobs/_profile.html", {"realms": found, "most": MOST_RUNS, "who": who})


def _own(who: Identity, name: str, longname: str, url: str) -> Own | None:
    standing = find_standing(who, Realm.shortname == name)
    if standing is None:
        return None
    role = str(standing.role or "none")
    if not standing.holds("jobs.read") or role == "operator":
        return Own(name, longname, url, role, None, [])
    sight, session, now = sight_of(standing), db.session(), utcnow()
    with unscoped(session, "a profile tells of all realms of a person; each statement names one"):
        number = session.scalar(own.counted(sight, standing.realm.id, MOST_RUNS)) or 0
        rows = session.execute(own.newest(sight, standing.realm.id, SHOWN)).all() if number else []
    return Own(name, longname, url, role, number, [(run, job, status(run, now)) for run, job in rows])
