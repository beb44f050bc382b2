"""Text of a picture: made safe for XML, measured as our font sets it, cut to fit. Pure."""

import re
import unicodedata
from typing import Final

# What XML 1.0 does not allow, and marks that would turn the direction of the text around them.
UNFIT: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
BLANKS: Final = re.compile(r"\s+")
LONGEST: Final = 300
# Widths in em of the interface's font at the weight of names, a little generous.
NARROW, SLIM, PLAIN, BROAD, WIDE, FULL = 0.29, 0.39, 0.6, 0.71, 0.9, 1.05
WIDTHS: Final = {
    **dict.fromkeys("ijl.,:;|'!", NARROW),
    **dict.fromkeys('frt()[]{}-/\\ I"`*', SLIM),
    **dict.fromkeys("ABCDEGHKNOPQRSTUVXYZ_&#$+=<>~", BROAD),
    **dict.fromkeys("mwMW@%…", WIDE),
}


def clean(text: object, longest: int = LONGEST) -> str:
    """Return the text with blanks evened out and without characters XML has no place for, cut in the middle."""
    return middle(UNFIT.sub("\ufffd", BLANKS.sub(" ", str(text)[: 4 * longest])).strip(), longest)


def middle(text: str, longest: int) -> str:
    """Return at most ``longest`` characters: the beginning, an ellipsis, the end."""
    if len(text) <= longest:
        return text
    head = (longest - 1) // 2
    return f"{text[:head]}…{text[len(text) - (longest - 1 - head) :]}"


def width(text: str, size: float) -> float:
    """Return about how many pixels a text takes at a font size."""
    return size * sum(_em(letter) for letter in text)


def fitting(text: str, size: float, room: float) -> str:
    """Return the text cut in the middle so that it takes no more than ``room`` pixels."""
    whole = clean(text)
    cut, longest = whole, len(whole)
    while longest > 1 and (over := width(cut, size) - room) > 0:
        longest -= max(int(over / size), 1)
        cut = middle(whole, max(longest, 1))
    return cut


def starting(text: str, size: float, room: float) -> str:
    """Return the beginning of the text that takes no more than ``room`` pixels, with an ellipsis where it is cut."""
    whole = clean(text)
    if width(whole, size) <= room:
        return whole
    longest = len(whole)
    while longest and width(f"{whole[:longest]}…", size) > room:
        longest -= 1
    return f"{whole[:longest].rstrip()}…" if longest else ""


def _em(letter: str) -> float:
    known = WIDTHS.get(letter)
    if known is not None:
        return known
    if letter.isascii():
        return PLAIN
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
        return 0
    return FULL * 1.3 if ord(letter) > 0xFFFF or unicodedata.east_asian_width(letter) in "WF" else FULL  # noqa: PLR2004
