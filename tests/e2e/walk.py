"""Find the pages of the product by following links, one or two of each shape."""

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

import html5lib
from playwright.sync_api import APIRequestContext

VARYING = re.compile(r"/(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27})(?=/|$)")
# The same page in another order, at another place in the list, or as a file.
LEFT_OUT = {"sort", "after", "before", "format"}
# Two of a shape catch what one row happens not to have; names of queries alone do not make a new page often, and a
# page such as the graph, where every link adds a parameter, has more combinations of them than anybody could walk.
OF_A_SHAPE, OF_A_PATH = 2, 2


def shape(url: str) -> str:
    """Return the URL without what names one thing, so that pages of one template are alike."""
    parts = urlsplit(url)
    path = re.sub(r"^(/r/[^/]+/changes/[^/]+)/.+", r"\1/#", VARYING.sub("/#", parts.path))
    names = sorted({key if key != "tab" else f"tab={value}" for key, value in parse_qsl(parts.query)})
    return f"{path}?{'&'.join(names)}"


def links(html: str, page: str) -> list[str]:
    """Return the addresses a page links to on this server, without fragments."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    found = []
    for node in tree.iter("a"):
        href = node.get("href", "")
        url = urljoin(page, href).partition("#")[0]
        if node.get("download") is None and not href.startswith("#") and urlsplit(url).netloc == urlsplit(page).netloc:
            found.append(url)
    return found


def _wanted(url: str) -> bool:
    parts = urlsplit(url)
    return not LEFT_OUT.intersection(key for key, _value in parse_qsl(parts.query)) and "/api/" not in parts.path


@dataclass
class Walked:
    """What was found: addresses of pages, and links that lead nowhere with the status they answer."""

    pages: list[str] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)


def walk(ask: APIRequestContext, start: str) -> Walked:
    """Follow links from ``start`` until no shape of page is new."""
    seen: Counter[str] = Counter()
    queue, known, walked = [start], {start}, Walked()
    while queue:
        url = queue.pop(0)
        answer = ask.get(url)
        if not answer.ok:
            walked.broken.append((answer.status, url))
        if not answer.ok or "text/html" not in answer.headers.get("content-type", ""):
            continue
        walked.pages.append(url)
        for link in links(answer.text(), url):
            like = shape(link)
            path = like.partition("?")[0]
            if link in known or not _wanted(link) or seen[like] >= OF_A_SHAPE or seen[path] >= OF_A_PATH:
                continue
            seen.update((like, path))
            known.add(link)
            queue.append(link)
    return walked
