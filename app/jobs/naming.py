"""By what jobs and runs are known within a realm. Pure."""

from hashlib import sha256

SYSTEM = "~system"


def run_digest(reported_id: str) -> bytes:
    """Return the identity of a run within its realm: 16 bytes of SHA-256 over the id as reported.

    That of a tracked run is its id as text, so that OpenLineage events which name it speak of the same run.
    """
    return sha256(reported_id.encode()).digest()[:16]


def namespace_of(provider: str | None) -> str:
    """Return the namespace of the jobs a provider (login name) tracks; None are the plans of the system."""
    return f"headwater://{provider if provider is not None else SYSTEM}"


def digest(*parts: str) -> bytes:
    """Return the first 16 bytes of SHA-256 over the parts joined by NUL, as jobs are known by namespace and name."""
    return sha256("\0".join(parts).encode()).digest()[:16]
