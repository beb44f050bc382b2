"""What a profile tells of jobs: roles, and the runs that are one's own."""

from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.jobs.tracking import Program, member

URL = "/accounts/profile"


def test_a_profile_tells_role_and_own_runs_of_each_realm(
    visitor: Browser, session: Session, realm: Realm, other_realm: Realm, provider: Program
) -> None:
    ann = member(session, realm, "ann", Role.CUSTOMER, "jobs.read")
    factories.make_membership(session, ann, other_realm, Role.OPERATOR)
    mine, other = provider.open("mine", job="x", customer="ann"), provider.open("other", job="x")

    page = visitor.as_(ann).get(URL).text

    assert (f"/r/acme/jobs/runs/{mine['id']}" in page, f"/r/acme/jobs/runs/{other['id']}" in page) == (True, False)
    assert '<a href="/r/acme/jobs/runs?customer=ann">1</a>' in page
    assert ("<td>customer</td>" in page, "<td>operator</td>" in page) == (True, True)
    assert '<a href="/r/acme/jobs/runs?provider=clinic">2</a>' in visitor.as_(provider.user).get(URL).text
