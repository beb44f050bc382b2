"""Who may call what: decorators mark, one check before each request denies by default."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeVar

from flask import Flask, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound, Unauthorized
from werkzeug.wrappers import Response

from app.db import db
from app.web.capabilities import is_known
from app.web.identity import Identity, identity, is_api
from app.web.safe import is_safe_method

View = TypeVar("View", bound=Callable[..., object])
Kind = Literal["needs", "public", "token", "signed_in", "member"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a route asks for: one of several capabilities, or a mark that needs none.

    ``later`` leaves the decision to the view, which takes it for several requests at once. ``rescue`` lets root in
    although the realm is deactivated.
    """

    kind: Kind
    names: tuple[str, ...] = ()
    reason: str = ""
    app_arg: str | None = None
    later: bool = False
    rescue: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the reasoning in words; ``reason`` counts where it is not ok, ``grant`` is what decided."""

    check: str
    ok: bool
    reason: str = ""
    detail: str = ""
    grant: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of the decision: reason ``allowed``, or the first of the ``checks`` that failed."""

    reason: str
    capability: str = ""
    app: str | None = None
    can_grant: tuple[str, ...] = ()
    detail: str = ""
    checks: tuple[Check, ...] = ()

    @property
    def allowed(self) -> bool:
        """Return whether the request may go on."""
        return self.reason == "allowed"


class Allow(Protocol):
    """The decision function a slice offers as ``app.extensions["headwater.allow"]``."""

    def __call__(self, mark: Mark, who: Identity) -> Verdict:
        """Decide on the running request; sets ``g.realm``."""


class Denied(Forbidden):
    """A 403 that knows why and who can help."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.detail or None)
        self.verdict = verdict


# Bytes; views refuse more, without reading it.
MOST_AWAITED = 4 * 1_048_576
_MARKS: dict[object, Mark] = {}
_UNLOGGED: dict[object, str] = {}
_STATIC = Mark("public", reason="files everyone may have")


def _marking(mark: Mark) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        _MARKS[view] = mark
        return view

    return decorate


def needs(*names: str, app: str | None = None, later: bool = False) -> Callable[[View], View]:
    """Mark a view: any one of the capabilities opens it; ``app`` names the URL argument that holds the app.

    With ``later`` the view itself decides before it reads or writes anything, at the latest by ``decide``.
    """
    return _marking(Mark("needs", names, app_arg=app, later=later))


def public(reason: str) -> Callable[[View], View]:
    """Mark a view open to everybody."""
    return _marking(Mark("public", reason=reason))


def token(reason: str) -> Callable[[View], View]:
    """Mark a view that a secret in the request itself decides on."""
    return _marking(Mark("token", reason=reason))


def signed_in(view: View) -> View:
    """Mark a view open to every known account."""
    return _marking(Mark("signed_in"))(view)


def member(view: View) -> View:
    """Mark a view open to everyone with a membership or grant in the realm."""
    return _marking(Mark("member"))(view)


def rescue(view: View) -> View:
    """Mark a view, above its other mark, that holders of root reach although the realm is deactivated."""
    _MARKS[view] = replace(_MARKS[view], rescue=True)
    return view


def unlogged(reason: str) -> Callable[[View], View]:
    """Mark a view that changes only telemetry, so it leaves no change row."""

    def decorate(view: View) -> View:
        _UNLOGGED[view] = reason
        return view

    return decorate


def mark_of(app: Flask, endpoint: str) -> Mark | None:
    """Return the mark of an endpoint or None when somebody forgot it."""
    if endpoint.rpartition(".")[2] == "static":
        return _STATIC
    return _MARKS.get(app.view_functions[endpoint])


def unlogged_reason(app: Flask, endpoint: str) -> str | None:
    """Return why an endpoint leaves no change row, None if it must."""
    return _UNLOGGED.get(app.view_functions[endpoint])


def verify(app: Flask) -> None:
    """Stop the start when a route is not marked or names a capability nobody registered (RuntimeError)."""
    for rule in app.url_map.iter_rules():
        mark = mark_of(app, rule.endpoint)
        if mark is None:
            raise RuntimeError(f"{rule.endpoint} ({rule.rule}) names no capability and has no mark")
        unknown = [name for name in mark.names if not is_known(name)]
        if unknown or (mark.kind == "needs" and not mark.names):
            raise RuntimeError(f"{rule.endpoint} ({rule.rule}) asks for unknown capabilities {unknown}")


def check() -> ResponseReturnValue | None:
    """Let the request through (None), or answer 303 to sign-in, 401, 403 or 404."""
    if request.endpoint is None:
        return None
    request.environ["headwater.endpoint"] = request.endpoint
    mark = mark_of(current_app, request.endpoint)
    if mark is None:
        raise NotFound
    if mark.kind not in ("public", "token") and not mark.later:
        who = identity()
        if who is None:
            return _signed_out()
        _decide(mark, who)
    _open_for_writing()
    if mark.kind == "needs" and is_api() and not is_safe_method():
        _await_body()
    return None


def _await_body() -> None:
    """Have what a program sends here before its view locks anything: a slow sender stands in nobody's way."""
    if (request.content_length or 0) <= MOST_AWAITED:
        request.get_data()


def decide(mark: Mark) -> None:
    """Decide on the running request of a program whose mark says ``later``; raises 401, Denied (403) or NotFound."""
    db.session().info["read_only"] = True
    who = identity()
    if who is None:
        raise Unauthorized(www_authenticate=None)
    _decide(mark, who)
    _open_for_writing()


def _decide(mark: Mark, who: Identity) -> None:
    allow: Allow = current_app.extensions["headwater.allow"]
    told(allow(mark, who))


def told(verdict: Verdict) -> None:
    """Raise what a verdict means: nothing when it allows, NotFound, or Denied (403)."""
    if verdict.reason == "not_found":
        raise NotFound
    if not verdict.allowed:
        raise Denied(verdict)


def _signed_out() -> Response:
    if is_api():
        raise Unauthorized(www_authenticate=None)
    here = request.full_path.rstrip("?") if is_safe_method() else ""
    return redirect(current_app.extensions["headwater.sign_in_url"](here), 303)


def _open_for_writing() -> None:
    """End the transaction that authorised, so that parsing holds no lock; writes begin their own."""
    if not is_safe_method():
        session = db.session()
        session.close()
        session.info["read_only"] = False
    g.authorised = True
