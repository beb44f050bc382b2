"""Whole numbers as URLs and forms write them."""

LONGEST = 19


def whole(text: str, most: int) -> int | None:
    """Return the number that ASCII digits write, None for other text and for more than ``most`` (below 10**19)."""
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    return int(digits) if len(digits) <= LONGEST and int(digits) <= most else None
