"""What somebody sees of one run and may do with it (specification 3.16)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.db import utcnow
from app.jobs.models import Run
from app.jobs.queries import run_parts as queries
from app.jobs.queries.sight import TRACKED, Sight


@dataclass(frozen=True, slots=True)
class Access:
    """Which parts of a run are shown: private values, names of people, the log, any values, links to other pages.

    ``acts`` opens cancelling, retrying, ending and badges, ``shares`` links for people without an account.
    """

    private: bool
    people: bool
    log: bool
    acts: bool = False
    shares: bool = False
    values: bool = True
    links: bool = True


def access(session: Session, sight: Sight, run: Run, name: str, *, writes: bool) -> Access:
    """Return what an account (``name`` is its login) sees of a run among its rows; a statement where it is a customer.

    ``writes`` tells whether it holds jobs.write.
    """
    is_own = sight.role == Role.PROVIDER and run.provider_id == sight.user_id
    if sight.is_all or is_own or run.origin != TRACKED:
        acts = writes and (sight.is_all or is_own)
        return Access(private=True, people=True, log=True, acts=acts, shares=acts)
    return Access(private=False, people=False, log=log_is_shared(session, run, name), shares=writes)


def log_is_shared(session: Session, run: Run, name: str) -> bool:
    """Return whether somebody other than ``name`` shares the log of the run by a live link: one statement."""
    return bool(session.scalar(queries.shows_log([run.number], utcnow(), name)))
