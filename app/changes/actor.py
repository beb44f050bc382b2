"""Who makes a change, and how it came in."""

from dataclasses import dataclass

from flask import g, request

from app.web.identity import identity


@dataclass(frozen=True, slots=True)
class Actor:
    """A user's name or SYSTEM; ``via`` is session, a key's prefix, cli, worker or hook."""

    name: str
    via: str
    request_id: str | None = None
    remote_addr: str | None = None


SYSTEM = Actor("SYSTEM", "worker")
CLI = Actor("SYSTEM", "cli")


def current_actor() -> Actor:
    """Return the actor of the running request; SYSTEM when nobody is signed in (an invitation being used)."""
    who = identity()
    name, via = (who.name, who.via) if who else ("SYSTEM", "session")
    return Actor(name, via, g.get("request_id"), request.remote_addr)
