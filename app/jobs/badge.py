"""A small picture of how a run stands, as pages of others embed it. Pure (specification 3.13)."""

from typing import Final
from xml.sax.saxutils import escape, quoteattr

COLOURS: Final = {
    "completed": "#1a7f4b",
    "running": "#1b5cc4",
    "queued": "#6846c7",
    "stalled": "#8a5300",
    "failed": "#bd2630",
    "cancelled": "#59626e",
}
GREY: Final = "#59626e"
LONGEST: Final = 40
_NARROW: Final = frozenset("fijlrtI.,:;!|'()[] -")
_WIDE: Final = frozenset("mwMW%@")


def message(status: str, percent: str) -> str:
    """Return what the badge says: the status word, with the percentage while that tells more."""
    return f"{status} {percent}" if percent and status != "completed" else status


def svg(label: str, status: str, percent: str = "") -> str:
    """Return the badge as SVG; colours are attributes, for a page that embeds it knows no style of ours."""
    label = label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
    said = message(status, percent)
    left, right = width(label) + 12, width(said) + 12
    title, colour = f"{label}: {said}", COLOURS.get(status, GREY)
    text = '<text y="14" fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f"aria-label={quoteattr(title)}><title>{escape(title)}</title>"
        f'<rect width="{left + right}" height="20" rx="4" fill="#3d4550"/>'
        f'<path d="M{left} 0h{right - 4}a4 4 0 0 1 4 4v12a4 4 0 0 1 -4 4h-{right - 4}z" fill="{colour}"/>'
        f'{text} x="6" textLength="{left - 12}">{escape(label)}</text>'
        f'{text} x="{left + 6}" textLength="{right - 12}">{escape(said)}</text></svg>\n'
    )


def width(text: str) -> int:
    """Return about how many pixels wide a text is at 11 pixels."""
    return round(sum(4.2 if letter in _NARROW else 10.0 if letter in _WIDE else 7.0 for letter in text))
