"""Which addresses a hook may reach: none of the inside, unless HEADWATER_HOOK_HOSTS opens it."""

import re
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from app.config import Settings

Address = IPv4Address | IPv6Address
SHARED = ip_network("100.64.0.0/10")
# NAT64 twice, and the old compatible addresses.
CARRIERS = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("::/96"))
NUMERIC = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}")
PORTS = {"https": 443, "http": 80}


class Blocked(Exception):  # noqa: N818 - a refusal, not an error of the program
    """An address or URL that hooks may not reach; ``code`` names the kind of refusal."""

    def __init__(self, detail: str, code: str = "blocked_address") -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads: scheme, host as written, port, and path with query."""

    scheme: str
    host: str
    port: int
    path: str


def place_of(url: str, settings: Settings) -> Place:
    """Take a URL apart; raises Blocked on another scheme, user information or a bad port."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise Blocked(f"Not a URL: {error}.", "bad_url") from None
    allowed = ("https", "http") if settings.hook_http else ("https",)
    if parts.scheme not in allowed:
        way = " The setting HEADWATER_HOOK_HTTP lets http:// in." if parts.scheme == "http" else ""
        raise Blocked(f"Use a URL that begins with {' or '.join(allowed)}://.{way}", "bad_scheme")
    if parts.username is not None or parts.password is not None:
        raise Blocked("A URL with a name or password in it is not used; give a credential instead.", "user_info")
    if not host or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise Blocked("The URL names no host.", "bad_url")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host, port or PORTS[parts.scheme], path)


def resolved(place: Place, settings: Settings, seconds: float = 2.0) -> list[Address]:
    """Return the addresses of the host, all of them checked; raises Blocked, and OSError when none come in time."""
    named = _opened_names(settings)
    found = addresses(place.host, place.port, seconds)
    if place.host in named or place.host.rstrip(".") in named:
        return found
    for address in found:
        reason = refusal(address, settings)
        if reason:
            where = "is" if str(address) == place.host else "resolves to"
            raise Blocked(f"The host {where} {reason} ({address}). The setting HEADWATER_HOOK_HOSTS opens it.")
    return found


def addresses(host: str, port: int, seconds: float) -> list[Address]:
    """Return the addresses a host name or any spelling of a number means; raises OSError, TimeoutError too."""
    literal = _literal(host)
    if literal is not None:
        return [literal]
    if host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost"):
        return [ip_address("127.0.0.1")]
    return _in_time(host, port, seconds)


def _in_time(host: str, port: int, seconds: float) -> list[Address]:
    """Ask in a thread of its own: a resolver has no time-out, and somebody waits."""
    found: list[list[Address] | OSError] = []

    def ask() -> None:
        try:
            found.append(lookup(host, port))
        except OSError as error:
            found.append(error)

    thread = threading.Thread(target=ask, name="resolver", daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError
    if isinstance(found[0], OSError):
        raise found[0]
    return found[0]


def lookup(host: str, port: int) -> list[Address]:
    """Ask the resolver once; raises OSError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError(f"{host[:80]} is no host name") from None
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def refusal(address: Address, settings: Settings) -> str | None:
    """Return what kind of inside address it is; None when it may be reached or was opened."""
    if any(address in network for network in _opened_networks(settings)):
        return None
    kinds = (
        (address.is_unspecified, "the unspecified address"),
        (address.is_loopback, "a loopback address"),
        (_carries_ipv4(address), "an IPv4 address inside an IPv6 one"),
        (address.is_link_local, "a link-local address"),
        (address.is_multicast, "a multicast address"),
        (address in SHARED, "a shared address"),
        (address.is_private, "a private address"),
        (address.is_reserved, "a reserved address"),
        (not address.is_global, "an address that is not public"),
    )
    return next((words for is_so, words in kinds if is_so), None)


def _carries_ipv4(address: Address) -> bool:
    """Return whether it is mapped, compatible, 6to4, Teredo or NAT64."""
    if isinstance(address, IPv4Address):
        return False
    known = address.ipv4_mapped or address.sixtofour or address.teredo
    return known is not None or any(address in network for network in CARRIERS)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if not NUMERIC.fullmatch(host.rstrip(".")):
        return None
    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None


def _opened_names(settings: Settings) -> set[str]:
    return {part.strip().lower() for part in settings.hook_hosts.split(",") if part.strip()}


def _opened_networks(settings: Settings) -> list[IPv4Network | IPv6Network]:
    found: list[IPv4Network | IPv6Network] = []
    for part in _opened_names(settings):
        try:
            found.append(ip_network(part, strict=False))
        except ValueError:
            continue
    return found
