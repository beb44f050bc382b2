"""Say in words which browser a session runs in."""

# The first that fits counts: Edge and Opera also claim to be Chrome, Chrome also claims to be Safari.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser(user_agent: str) -> str:
    """Return words such as ``Firefox on Linux``; the program's own name for anything unusual."""
    name = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if name:
        return f"{name} on {system}" if system else name
    return user_agent.partition("/")[0][:40] or "Unknown browser"
