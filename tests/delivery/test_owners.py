"""A hook does what its owner may do at that moment."""

from app.accounts.models import User
from app.delivery.models import Hook, State
from app.realms.models import CapGrant
from tests.delivery.house import House
from tests.delivery.receiver import Receiver
from tests.factories import make_changes, make_configuration, make_tracked_run, make_user


def test_what_the_owner_may_not_read_any_more_is_skipped(house: House, receiver: Receiver) -> None:
    reader = make_user(house.session, "reader", house.realm, "delivery.write", "lineage.read")
    house.hook(reader, receiver.url, "*.late")
    house.change("dataset.late")
    house.change("capgrant.late")
    house.work()
    house.session.query(CapGrant).filter_by(user_id=reader.id, cap="lineage.read").delete()
    house.session.commit()
    house.change("dataset.late")

    house.work()

    found = [(each.type, each.state, each.reason) for each in house.deliveries()]
    assert found == [
        ("dataset.late", State.SUCCEEDED, None),
        ("capgrant.late", State.SKIPPED, "no_right"),
        ("dataset.late", State.SKIPPED, "no_right"),
    ]


def test_a_hook_pauses_when_its_owner_may_not_enter(house: House, receiver: Receiver) -> None:
    leaver = make_user(house.session, "leaver", house.realm, "root")
    hook, _secret = house.hook(leaver, receiver.url)
    house.change()
    house.session.query(User).filter_by(id=leaver.id).update({"active": False})
    house.session.commit()

    house.work()

    house.session.refresh(hook)
    assert (hook.enabled, hook.disabled_why) == (False, "owner_inactive")
    assert [each.state for each in house.deliveries()] == [State.PAUSED]
    assert receiver.got == []
    assert house.session.query(Hook).count() == 1


def test_a_change_that_a_hook_made_does_not_fire_it_again(house: House, receiver: Receiver, owner: User) -> None:
    hook, _secret = house.hook(owner, receiver.url)
    house.change()
    house.work()
    (first,) = house.deliveries()
    same = {"verb": "run.failed", "kind": "run", "via": "hook", "cause": str(first.id)}
    make_changes(house.session, house.realm, 1, **{**same, "depth": 1})
    make_changes(house.session, house.realm, 1, **{**same, "cause": None, "depth": 5})

    house.work()

    assert [each.reason for each in house.deliveries()] == [None, "loop", "loop"]
    assert len(receiver.got) == 1
    assert hook.enabled


def test_a_customer_is_sent_his_own_runs_only(house: House, receiver: Receiver) -> None:
    provider = make_user(house.session, "provider", house.realm, "jobs.write")
    customer = make_user(house.session, "customer", house.realm, "delivery.write", "jobs.read")
    plan = make_configuration(house.session, house.realm, provider)
    mine = make_tracked_run(house.session, provider, plan, customer_id=customer.id)
    other = make_tracked_run(house.session, provider, plan, external_id="434")
    house.hook(customer, receiver.url)
    for run in (mine, other):
        house.change(entity_id=run.id)

    house.work()

    assert [each.state for each in house.deliveries()] == [State.SUCCEEDED, State.SKIPPED]
    assert receiver.got[0].json["data"]["entity"]["id"] == str(mine.id)
    assert f"/r/acme/jobs/runs/{mine.id}" in receiver.got[0].json["data"]["entity"]["url"]
