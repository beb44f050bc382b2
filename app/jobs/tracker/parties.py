"""Who speaks: programs of providers write, whoever has a role looks at what is his."""

from flask import g
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.jobs import asked
from app.jobs.actions.parties import provider_of
from app.jobs.tracker.answers import Nouns
from app.jobs.tracker.refusals import NO_PROVIDER
from app.refusal import Problem, Refused


def only_providers() -> None:
    """Raise Refused 403 unless the key is a provider's: here is no way to name one on whose behalf one writes."""
    if asked.sight().role != Role.PROVIDER:
        raise Refused(Problem("role", NO_PROVIDER), status=403)


def writer(session: Session) -> User:
    """Return the provider whose key it is; raises Refused 403 for everybody else. One statement."""
    only_providers()
    return provider_of(session, asked.sight(), None)


def speaking(nouns: Nouns) -> Nouns:
    """Remember in which nouns to answer, also should something go wrong."""
    g.tracker_nouns = nouns
    return nouns
