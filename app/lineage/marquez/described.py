"""The chapter on this API for people who come from Marquez."""

from app.lineage.marquez.routes import PATHS
from app.lineage.marquez.target import ROOT
from app.web.described import chapter

NAMES = {
    "namespaces/*": "{namespace}",
    "sources/*": "{source}",
    "datasets/*": "{dataset}",
    "versions/*": "{version}",
    "jobs/*": "{job}",
    "runs/*": "{runId}",
}
TEXT = (
    "Scripts and clients written for Marquez read here: its client is given this server followed by `/api/marquez` "
    "and a key of the realm. Each name is one segment, so a slash within it is sent as `%2F`. Run ids are the reported "
    "ones. What writes in Marquez is answered with 405: things come in by OpenLineage events. "
    f"Paths are below `{ROOT}`."
)
COMMAND = """from marquez_client import MarquezClient

client = MarquezClient(url="SERVER/api/marquez", api_key="YOUR-KEY")
client.list_jobs("airflow-prod")"""


def init() -> None:
    """Add it."""
    rows = [("GET", f"/{_named(path)}", _words(handler)) for path, handler in PATHS]
    rows.append(("GET", "/events/{namespace}", "The events of one namespace, which is the rest of the path."))
    rows.append(("POST", "/lineage", "Takes an event, as /api/v1/lineage does."))
    chapter("For clients of Marquez", TEXT, COMMAND, rows)


def _named(path: str) -> str:
    parts = path.split("/")
    return "/".join(NAMES[f"{parts[place - 1]}/*"] if part == "*" else part for place, part in enumerate(parts))


def _words(handler: object) -> str:
    """Return the first sentence of a docstring without the word that every one begins with."""
    text = (handler.__doc__ or "").partition("\n")[0].replace("``", "`").removeprefix("Answer ")
    return text[:1].upper() + text[1:]
