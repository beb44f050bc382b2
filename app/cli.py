"""The command ``headwater``: Flask's commands and those of every slice, also reachable as ``flask --app app``.

A slice offers commands in its ``cli.py`` as ``groups``, a tuple of click commands.
"""

import sys
from importlib import import_module
from importlib.util import find_spec

from flask import Flask
from flask.cli import FlaskGroup

from app import config
from app.config import BadSetting
from app.factory import create_app


def register(app: Flask, slices: tuple[str, ...]) -> None:
    """Put the commands of every slice, and ``up``, on the application."""
    from app.up import up

    app.cli.add_command(up)
    for name in slices:
        if find_spec(f"app.{name}") is None:
            continue
        for found in ("cli", "cli_founding"):
            if find_spec(f"app.{name}.{found}") is not None:
                for command in getattr(import_module(f"app.{name}.{found}"), "groups", ()):
                    app.cli.add_command(command)


def _application() -> Flask:
    return create_app(config.for_commands(config.load()))


def main() -> None:
    """Run the console command; a bad setting is told in one line, exit status 2."""
    try:
        FlaskGroup(create_app=_application, help="Headwater: lineage, capabilities, clusters and live job progress.")()
    except BadSetting as error:
        sys.stderr.write(f"headwater: {error}\n")
        raise SystemExit(2) from None


__all__ = ["main", "register"]
