"""The command ``headwater``: Flask's commands and those of every slice, also reachable as ``flask --app app``.

A slice offers commands in its ``cli.py`` as ``groups``, a tuple of click commands.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask, slices: tuple[str, ...]) -> None:
    """Put the commands of every slice, ``up`` and ``track`` on the application."""
    from app.track import track
    from app.up import up

    app.cli.add_command(up)
    app.cli.add_command(track)
    for name in slices:
        if find_spec(f"app.{name}") is None:
            continue
        for found in ("cli", "cli_founding", "cli_access"):
            if find_spec(f"app.{name}.{found}") is not None:
                for command in getattr(import_module(f"app.{name}.{found}"), "groups", ()):
                    app.cli.add_command(command)


def _application() -> Flask:
    from app import config
    from app.factory import create_app

    return create_app(config.for_commands(config.load()))


def main() -> None:
    """Run the console command; a bad setting is told in one line, exit status 2.

    ``track`` runs without the application: it knows no database and costs the command it runs next to no time.
    """
    if sys.argv[1:2] == ["track"]:
        from app.track import track

        track(sys.argv[2:], prog_name="headwater track")
    from flask.cli import FlaskGroup

    from app.config import BadSetting

    try:
        FlaskGroup(create_app=_application, help="Headwater: lineage, capabilities, clusters and live job progress.")()
    except BadSetting as error:
        sys.stderr.write(f"headwater: {error}\n")
        raise SystemExit(2) from None


__all__ = ["main", "register"]
