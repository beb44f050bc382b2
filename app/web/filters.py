"""Words for values: times, durations, counts, sizes, long names."""

from datetime import UTC, datetime, timedelta

from flask import Flask, has_request_context, request
from markupsafe import Markup

from app.db import utcnow
from app.web.live import regions_of

STEPS = (
    (60, "s", 1),
    (3600, "min", 60),
    (86_400, "h", 3600),
    (86_400 * 45, "d", 86_400),
    (86_400 * 540, "mo", 2_629_800),
)
YEAR = 31_557_600
KIBI = 1024
EMPTY = Markup()
UNKNOWN = Markup('<span class="muted">unknown</span>')


def distance(seconds: float) -> str:
    """Return a length of time in its largest fitting unit: ``3 min``, ``2 d``."""
    size = abs(seconds)
    for limit, unit, length in STEPS:
        if size < limit:
            return f"{int(size // length)} {unit}"
    return f"{int(size // YEAR)} y"


def ago(moment: datetime | None, now: datetime | None = None) -> Markup:
    """Return ``<time>`` saying how long ago, with the exact moment as its title.

    On pages with live regions it says the moment in UTC, which stays true, and script says how long ago that is.
    """
    if moment is None:
        return UNKNOWN
    if now is None and has_request_context() and regions_of(request.endpoint):
        return _time(moment, f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC", Markup(" data-ago"))
    seconds = ((now or utcnow()) - moment).total_seconds()
    words = "just now" if abs(seconds) < 1 else f"{distance(seconds)} ago" if seconds > 0 else f"in {distance(seconds)}"
    return _time(moment, words)


def clock(moment: datetime) -> Markup:
    """Return ``<time>`` saying since when something goes on; script says for how long, every second anew."""
    utc = moment.astimezone(UTC)
    return _time(moment, f"since {utc:%H:%M}", Markup(" data-clock"))


def exact(moment: datetime | None) -> Markup:
    """Return ``<time>`` with date and time in UTC."""
    return UNKNOWN if moment is None else _time(moment, f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}")


def day(moment: datetime | None) -> Markup:
    """Return ``<time>`` with the date in UTC."""
    return UNKNOWN if moment is None else _time(moment, f"{moment.astimezone(UTC):%Y-%m-%d}")


def _time(moment: datetime, words: str, how: Markup = EMPTY) -> Markup:
    utc = moment.astimezone(UTC)
    stamp, title = f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    if how:
        # Lists that are live hold a hundred of them: script makes the title of the stamp.
        return Markup('<time datetime="{}"{}>{}</time>').format(stamp, how, words)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(stamp, title, words)


def duration(seconds: float | timedelta | None) -> str:
    """Return a duration given in seconds: ``340 ms``, ``12 s``, ``4 min 5 s``, ``2 h 3 min``, ``3 d 4 h``."""
    if seconds is None:
        return "unknown"
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
    if abs(total) < 1:
        return f"{round(total * 1000)} ms"
    whole = round(total)
    for size, unit, part, name in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit} {rest} {name}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def count(number: int | None) -> str:
    """Return a whole number with separators: ``1,204``."""
    return "unknown" if number is None else f"{number:,}"


def size(number: float | None) -> str:
    """Return bytes in binary units: ``1.5 MiB``."""
    if number is None:
        return "unknown"
    value = float(number)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(value) < KIBI:
            return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= KIBI
    return f"{value:.1f} PiB"


def shorten(text: object, length: int = 60) -> str:
    """Return the text, cut in the middle when it is longer than ``length``."""
    full = str(text)
    if len(full) <= length:
        return full
    head = (length - 1) // 2
    return f"{full[:head]}…{full[len(full) - (length - 1 - head) :]}"


def init(app: Flask) -> None:
    """Give the filters to every template."""
    app.jinja_env.filters.update(
        ago=ago,
        clock=clock,
        exact=exact,
        day=day,
        duration=duration,
        distance=distance,
        count=count,
        bytes=size,
        shorten=shorten,
    )
