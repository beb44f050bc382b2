"""Accounts: people and programs, how they prove who they are, and where they belong."""

from urllib.parse import urlencode

from flask import Flask


def init(app: Flask) -> None:
    """Register the pages, the navigation, and who a request speaks for."""
    from app.accounts import agents, api, saved
    from app.accounts.identify import identify
    from app.accounts.views import invitations, keys, profile, saved_views, sign_in, users
    from app.web.kinds import entity_kind
    from app.web.nav import nav_item
    from app.web.shell import user_link

    for module in (sign_in, profile, invitations, keys, users, saved_views, api):
        app.register_blueprint(module.bp)
    app.extensions["headwater.identify"] = identify
    app.extensions["headwater.sign_in_url"] = lambda going_on: (
        "/sign-in" + ("?" + urlencode({"next": going_on}) if going_on and going_on != "/" else "")
    )
    app.extensions["headwater.saved_views"] = saved.offer
    app.extensions["headwater.sign_out_endpoint"] = "sign_in.destroy"
    app.jinja_env.filters["browser"] = agents.browser
    user_link("Profile", "profile.show", "user", 10)
    nav_item("Admin", "API keys", "keys.index", (), "key-round", 60)
    nav_item("Admin", "Members", "users.index", ("auth", "report"), "users", 50)
    for kind, label in (
        ("user", "Account"),
        ("membership", "Membership"),
        ("apikey", "API key"),
        ("session", "Session"),
        ("invitation", "Invitation"),
    ):
        entity_kind(kind, label=label)
    entity_kind("saved_view", label="Saved view", endpoint="saved_views.show", arg="view_id")
