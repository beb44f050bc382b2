"""Settings of an installation, read once from ``HEADWATER_*`` variables."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "HEADWATER_"
# What the client of programs reads, which may well run beside the server.
OF_CLIENT = frozenset(("HEADWATER_TRACK_URL", "HEADWATER_TRACK_KEY", "HEADWATER_TRACK_SPOOL"))
SMALLEST_LOG = 2**20
# Milliseconds that a request, and a command, waits for a lock of the database.
WEB_LOCK_TIMEOUT_MS = 2_500
COMMAND_LOCK_TIMEOUT_MS = 30_000


class BadSetting(Exception):  # noqa: N818 - named as an operator reads it
    """A variable holds something that cannot be used; the message names the variable."""


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError("must be at least 1")
    return value


def _log_bytes(text: str) -> int:
    value = int(text)
    if value < SMALLEST_LOG:
        raise ValueError(f"must be at least {SMALLEST_LOG}, of which the beginning of a log has a part")
    return value


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return read


def _yes(text: str) -> bool:
    return text not in {"", "0", "false", "no"}


def _address(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        parts = urlsplit(text)
        if text and (parts.scheme not in schemes or not parts.hostname or (parts.port or 1) < 1):
            raise ValueError(f"must begin with {'://, '.join(schemes)}:// and name a host")
        return text.rstrip("/")

    return read


def _seconds(text: str) -> str:
    if any(float(part) < 0 for part in text.split(",") if part.strip()):
        raise ValueError("must be seconds apart by commas")
    return text


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator may set; sizes in bytes, times in seconds."""

    database_url: str
    data_dir: Path
    secret_key: str
    ingest_open: str = ""
    ingest_max_bytes: int = 16 * 2**20
    batch_max_bytes: int = 64 * 2**20
    batch_max_events: int = 10_000
    mask: str = "store"
    synchronous: str = "full"
    web_workers: int = 1
    web_threads: int = 640
    proxies: int = 0
    require_all: bool = False
    lock_timeout_ms: int = WEB_LOCK_TIMEOUT_MS
    cookie_secure: bool = False
    lineage_current_days: int = 30
    lineage_raw_days: int = 90
    lineage_run_days: int = 400
    lineage_run_count: int = 20
    edge_days: int = 400
    run_stalled_s: int = 1_800
    run_log_max: int = 5 * 2**20
    live_streams: int = -1
    url: str = ""
    worker: str = "embedded"
    secret_key_old: str = ""
    hook_hosts: str = ""
    hook_http: bool = False
    retry_seconds: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    mail_domains: str = ""
    delivery_days: int = 30
    delivery_failed_days: int = 90
    delivery_body_days: int = 7
    simulator: bool = True

    @property
    def is_sqlite(self) -> bool:
        """Return whether the embedded database is used."""
        return self.database_url.startswith("sqlite")


_READERS: dict[str, Callable[[str], object]] = {
    "ingest_open": str,
    "ingest_max_bytes": _positive,
    "batch_max_bytes": _positive,
    "batch_max_events": _positive,
    "mask": _choice("store", "show", "off"),
    "synchronous": _choice("full", "normal", "off"),
    "web_workers": _positive,
    "web_threads": _positive,
    "proxies": int,
    "require_all": _yes,
    "lock_timeout_ms": _positive,
    "cookie_secure": _yes,
    "lineage_current_days": _positive,
    "lineage_raw_days": _positive,
    "lineage_run_days": _positive,
    "lineage_run_count": _positive,
    "edge_days": _positive,
    "run_stalled_s": _positive,
    "run_log_max": _log_bytes,
    "live_streams": int,
    "url": _address("http", "https"),
    "worker": _choice("embedded", "external", "off"),
    "secret_key_old": str,
    "hook_hosts": str,
    "hook_http": _yes,
    "retry_seconds": _seconds,
    "smtp_url": _address("smtp", "smtps"),
    "mail_from": str,
    "mail_domains": str,
    "delivery_days": _positive,
    "delivery_failed_days": _positive,
    "delivery_body_days": _positive,
    "simulator": _yes,
}


def for_commands(settings: Settings) -> Settings:
    """Return settings of a command: no page waits for it, so it waits longer for a lock, unless told how long."""
    is_told = settings.lock_timeout_ms != WEB_LOCK_TIMEOUT_MS
    return settings if is_told else replace(settings, lock_timeout_ms=COMMAND_LOCK_TIMEOUT_MS)


def for_serving(settings: Settings) -> Settings:
    """Return settings of the pages from those of a command that begins to serve."""
    is_told = settings.lock_timeout_ms != COMMAND_LOCK_TIMEOUT_MS
    return settings if is_told else replace(settings, lock_timeout_ms=WEB_LOCK_TIMEOUT_MS)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read settings from the environment; make the data directory and a secret key where absent.

    Raises BadSetting naming the variable, also for a ``HEADWATER_`` variable nobody reads (a typing error).
    """
    env = os.environ if environ is None else environ
    names = {PREFIX + field.name.upper() for field in fields(Settings)}
    unknown = sorted(name for name in env if name.startswith(PREFIX) and name not in names | OF_CLIENT)
    if unknown:
        raise BadSetting(f"{unknown[0]} is not a setting of this version")
    data_dir = Path(env.get("HEADWATER_DATA_DIR") or "instance").resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"HEADWATER_DATA_DIR: {error}") from None
    values: dict[str, object] = {}
    for name, read in _READERS.items():
        text = env.get(PREFIX + name.upper())
        if text is None:
            continue
        try:
            values[name] = read(text)
        except ValueError as error:
            raise BadSetting(f"{PREFIX}{name.upper()} = {text!r}: {error}") from None
    return Settings(
        database_url=_database_url(env, data_dir),
        data_dir=data_dir,
        secret_key=_secret_key(env, data_dir),
        **values,  # type: ignore[arg-type]
    )


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("HEADWATER_DATABASE_URL") or f"sqlite:///{data_dir / 'headwater.db'}"
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    if not url.startswith(("sqlite://", "postgresql+psycopg://")):
        raise BadSetting("HEADWATER_DATABASE_URL: only sqlite and postgresql are supported")
    return url


def _secret_key(env: Mapping[str, str], data_dir: Path) -> str:
    if "HEADWATER_SECRET_KEY" in env:
        key = env["HEADWATER_SECRET_KEY"]
        if len(key) < 16:  # noqa: PLR2004 - 128 bits of hexadecimal would be 32, shorter than 16 is a mistake
            raise BadSetting("HEADWATER_SECRET_KEY: at least 16 characters")
        return key
    path = data_dir / "secret_key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    except OSError as error:
        raise BadSetting(f"HEADWATER_DATA_DIR: {error}") from None
    return path.read_text()
