"""Of a region that looks different only what differs is sent."""

from hypothesis import given
from hypothesis import strategies as st

from app.delivery.live.delta import delta

TABLE = """<section id="results"><p>{said}</p><table><tbody id="runs">
{rows}</tbody></table>
<nav class="pager" id="pager">{more}</nav></section>"""
Rows = dict[int, str]
ROWS = st.dictionaries(st.integers(0, 9), st.sampled_from("ab"), max_size=6)


def table(rows: Rows, said: str = "", more: str = "") -> str:
    """Return a list as our templates write it."""
    written = "".join(f'<tr class="x" id="run-{key}"><td>{word}</td></tr>\n' for key, word in rows.items())
    return TABLE.format(rows=written, said=said, more=more)


def put(old: Rows, new: Rows) -> Rows | None:
    """Return the rows a page has after the parts were swapped in, None when everything is sent."""
    parts = delta(table(old), table(new))
    if parts is None:
        return None
    page = {f"run-{key}": word for key, word in old.items()}
    for target, swap, html in parts:
        rows = [row.split('id="')[1] for row in html.split("<tr")[1:]]
        given = {row.split('"')[0]: row.split("<td>")[1][0] for row in rows}
        if swap == "delete":
            del page[target]
        page = given | page if swap == "afterbegin" else {**page, **given}
    return {int(name.removeprefix("run-")): word for name, word in page.items()}


@given(ROWS, ROWS)
def test_what_is_sent_makes_the_new_list_of_the_old(old: Rows, new: Rows) -> None:
    found = put(old, new)

    assert found is None or list(found.items()) == list(new.items())


def test_one_row_that_changed_is_sent_alone_and_one_that_came_is_put_first() -> None:
    old, new = table({2: "a", 1: "a"}), table({3: "b", 2: "b", 1: "a"}, more="Older")

    assert delta(old, new) == [
        ("pager", "outerMorph", '<nav class="pager" id="pager">Older</nav>'),
        ("run-2", "outerMorph", '<tr class="x" id="run-2"><td>b</td></tr>'),
        ("runs", "afterbegin", '<tr class="x" id="run-3"><td>b</td></tr>\n'),
    ]
    assert delta(old, table({2: "a"})) == [("run-1", "delete", "")]


def test_all_is_sent_when_more_than_rows_differs() -> None:
    assert delta(table({1: "a"}), table({1: "b"}, said="of 2")) is None
    assert delta(table({1: "a", 2: "a"}), table({2: "a", 1: "a"})) is None
    assert delta(table({}), table({1: "a"})) is None


def test_a_part_of_a_page_is_sent_and_not_the_others() -> None:
    page = '<div id="board"><section id="counts">{}</section><section id="failed">{}</section></div>'

    found = delta(page.format("1", "x"), page.format("2", "x"))
    assert found == [("counts", "outerMorph", '<section id="counts">2</section>')]
