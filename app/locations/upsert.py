"""Namespaces -> locations: find or make them, and join two that turn out to share an address."""

from collections.abc import Collection
from hashlib import sha256

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.bulk import allocate, insert_rows, select_in
from app.db import utcnow
from app.driver import settle
from app.locations.grammar import Place, locate
from app.locations.models import Address, Location

SORT_LENGTH = 200


def digest(*parts: str) -> bytes:
    """Return the first 16 bytes of SHA-256 over the parts joined by NUL."""
    return sha256("\0".join(parts).encode()).digest()[:16]


class Gazetteer:
    """The locations and addresses a batch needs, by what is known before it."""

    def __init__(self, session: Session, realm_id: int, namespaces: Collection[str]) -> None:
        self.session = session
        self.realm_id = realm_id
        self.places = {namespace: locate(namespace) for namespace in namespaces}
        urls = {url for place in self.places.values() for url in place.addresses}
        keys = {digest(place.type, place.name) for place in self.places.values()}
        self.by_url = {
            row.digest: row.location_id
            for row in select_in(
                session, (Address.digest, Address.location_id), realm_id, Address.digest, map(digest, urls)
            )
        }
        self.by_key: dict[bytes, int] = {}
        self.merged: dict[int, int] = {}
        found = select_in(
            session, (Location.id, Location.digest, Location.merged_into_id), realm_id, Location.digest, keys
        )
        for row in found:
            self.by_key[row.digest] = row.merged_into_id or row.id
        self.new_locations: list[tuple[int, Place]] = []
        self.new_addresses: list[tuple[str, int]] = []

    def resolve(self) -> dict[str, int]:
        """Return namespace -> location id; writes new locations and addresses, merges those that share one."""
        answer = {namespace: self._resolve(place) for namespace, place in sorted(self.places.items())}
        self._write()
        return {namespace: self.canonical(location) for namespace, location in answer.items()}

    def canonical(self, location: int) -> int:
        """Return the location that ``location`` has become part of, else itself."""
        while location in self.merged:
            location = self.merged[location]
        return location

    def _resolve(self, place: Place) -> int:
        key = digest(place.type, place.name)
        urls = {url: digest(url) for url in place.addresses}
        known = [self.by_key.get(key), *(self.by_url.get(item) for item in urls.values())]
        candidates = sorted({self.canonical(item) for item in known if item is not None})
        if candidates:
            location, *others = candidates
        else:
            location, others = next(iter(allocate(self.session.connection(), Location.__table__, 1))), []
            self._insert(location, place, key)
        for other in others:
            self._merge(other, location)
        self.by_key[key] = location
        for url, item in urls.items():
            if item not in self.by_url:
                self.new_addresses.append((url, location))
            self.by_url[item] = location
        return location

    def _insert(self, location: int, place: Place, key: bytes) -> None:
        row = {
            "id": location,
            "realm_id": self.realm_id,
            "type": place.type,
            "name": place.name,
            "sort_name": place.name[:SORT_LENGTH],
            "digest": key,
            "external_id": "",
            "merged_into_id": None,
            "created_at": utcnow(),
        }
        insert_rows(self.session.connection(), Location.__table__, [row])

    def _merge(self, loser: int, winner: int) -> None:
        self.merged[loser] = winner
        merge_rows(self.session, self.realm_id, loser, winner)

    def _write(self) -> None:
        if not self.new_addresses:
            return
        connection = self.session.connection()
        ids = allocate(connection, Address.__table__, len(self.new_addresses))
        rows = [
            {
                "id": id_,
                "realm_id": self.realm_id,
                "location_id": self.canonical(where),
                "url": url,
                "digest": digest(url),
            }
            for id_, (url, where) in zip(ids, self.new_addresses, strict=True)
        ]
        insert_rows(connection, Address.__table__, rows, conflict=("realm_id", "digest"))


def merge_rows(session: Session, realm_id: int, loser: int, winner: int) -> None:
    """Make one location of two: what points at ``loser`` points at ``winner`` from now on; the row redirects."""
    from app.locations.signals import location_merged

    mine = (Address.realm_id == realm_id, Address.location_id == loser)
    settle(session.connection())
    session.execute(
        update(Address).where(*mine).values(location_id=winner).execution_options(synchronize_session=False)
    )
    session.execute(
        update(Location)
        .where(Location.realm_id == realm_id, (Location.id == loser) | (Location.merged_into_id == loser))
        .values(merged_into_id=winner)
        .execution_options(synchronize_session=False)
    )
    location_merged.send(session, realm_id=realm_id, loser=loser, winner=winner)
