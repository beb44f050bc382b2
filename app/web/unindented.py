"""Templates without the blanks that their lines begin with: every browser would read them and throw them away."""

import re
from typing import Final

from jinja2.ext import Extension

INDENT: Final = re.compile(r"^[ \t]+", re.MULTILINE)


class Unindented(Extension):
    """Takes the indentation out of templates before they are compiled; lines keep their numbers and their ends."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source of a template without indentation."""
        del name, filename
        return INDENT.sub("", source)
