"""The macros every page is made of: what they say to people, programs and screen readers."""

from typing import Any

from html5lib import parseFragment
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from wtforms import BooleanField, Form, RadioField, StringField
from wtforms.validators import InputRequired

from app.resource import resource
from app.web.filters import shorten
from app.web.listing import Listing
from tests.browser import check

JINJA = Environment(
    loader=FileSystemLoader(resource("templates")), undefined=StrictUndefined, autoescape=True, trim_blocks=True
)
JINJA.globals["csrf_token"] = lambda: "token"
JINJA.filters["shorten"] = shorten


KINDS: Any = ["archive", "bucket"]  # the stubs know only pairs, which WTForms no longer likes


class LocationForm(Form):
    """A form with a field of each kind that is drawn differently."""

    name = StringField("Name", [InputRequired("Enter a name.")], description="Lower case.")
    kind = RadioField("Kind", choices=KINDS, default="archive")
    live = BooleanField("Accept events")


def render(component: str, call: str, **context: object) -> str:
    """Return what a macro writes, after the house's checks of HTML."""
    macro = call.partition("(")[0].removeprefix("call ")
    html = JINJA.from_string(f'{{% from "components/{component}.html" import {macro} %}}{{{{ {call} }}}}').render(
        context
    )
    check(f"<table><thead><tr>{html}</tr></thead></table>" if html.startswith("<th") else html, whole=False)
    return html


def test_a_status_is_a_word_and_an_icon_before_it_is_a_colour() -> None:
    html = render("badge", "status('failed')")

    assert 'class="status bad"' in html
    assert "/i.svg#circle-x" in html
    assert html.endswith("failed</span>")


def test_an_unheard_of_status_is_shown_as_it_came_without_a_claim() -> None:
    assert 'class="status neutral"' in render("badge", "status('<odd>')")
    assert "&lt;odd&gt;" in render("badge", "status('<odd>')")


def test_a_heading_sorts_the_other_way_when_it_is_sorted_by_already() -> None:
    listing = Listing(path="/runs", sort="name", default_sort="-at")

    html = render("table", "heading(listing, 'name', 'Name')", listing=listing)

    assert 'aria-sort="ascending"' in html
    assert 'href="/runs?sort=-name" hx-get="/runs?sort=-name" hx-target="#results"' in html


def test_a_heading_that_is_not_sorted_by_claims_no_order() -> None:
    listing = Listing(path="/runs", sort="name", default_sort="name")

    html = render("table", "heading(listing, 'at', 'When')", listing=listing)

    assert "aria-sort" not in html
    assert 'href="/runs?sort=at"' in html


def test_active_filters_are_chips_that_take_themselves_away() -> None:
    listing = Listing(path="/runs", q="ord", sort="at", default_sort="at", filters={"status": "failed"})

    html = render("table", "chips(listing)", listing=listing)

    assert 'href="/runs?q=ord"' in html
    assert 'href="/runs?status=failed"' in html


def test_the_filter_form_holds_what_is_chosen_and_the_order_only_when_it_was_changed() -> None:
    listing = Listing(path="/runs", sort="name", default_sort="-at", filters={"status": "failed"})

    html = render("table", "filters(listing, [('status', 'Any status', [('failed', 'Failed')])])", listing=listing)

    assert '<option value="failed" selected>' in html
    assert 'name="sort" value="name"' in html


def test_a_wrong_field_is_tied_to_its_hint_and_its_error() -> None:
    form = LocationForm()
    form.name.errors = ["Enter a name."]

    field = parseFragment(render("field", "field(form.name)", form=form), namespaceHTMLElements=False).find(".//input")

    assert (field.get("aria-describedby"), field.get("aria-invalid")) == ("name-hint name-error", "true")


def test_choices_are_one_group_with_a_legend() -> None:
    html = render("field", "field(form.kind)", form=LocationForm())

    assert "<legend>Kind</legend>" in html
    assert html.count('type="radio"') == 2


def test_the_summary_links_every_error_to_its_field() -> None:
    form = LocationForm()
    form.name.errors = ["Enter a name."]
    form.form_errors = ["The realm is full."]

    html = render("field", "error_summary(form)", form=form)

    assert 'role="alert"' in html
    assert "<li>The realm is full.</li>" in html
    assert '<a href="#name">Name: Enter a name.</a>' in html


def test_a_form_without_errors_has_no_summary() -> None:
    assert not render("field", "error_summary(form)", form=LocationForm()).strip()


def test_progress_nobody_reported_is_not_a_number() -> None:
    assert "no progress reported" in render("progress", "progress(none)")
    assert "63.7 %" in render("progress", "progress(63.7)")


def test_a_fact_that_is_not_known_says_so() -> None:
    assert "unknown" in render("facts", "facts([('Exit code', none)])")


def test_a_line_of_numbers_spans_its_box_and_says_what_it_shows() -> None:
    html = render("chart", "sparkline([0, 10], 'Runs', 'two hours', width=100, height=26)")

    assert '<polyline points="3.0,23.0 97.0,3.0 "/>' in html
    assert 'aria-label="Runs. two hours"' in html


def test_a_line_without_numbers_is_an_empty_box() -> None:
    assert "polyline" not in render("chart", "sparkline([none, none], 'Runs', 'nothing yet')")


def test_the_longest_bar_fills_its_track() -> None:
    html = render("chart", "bars([('orders', 40), ('payments', 10)], 'Readers')")

    assert '<rect width="100.0" height="8"/>' in html
    assert '<rect width="25.0" height="8"/>' in html


def test_columns_stack_their_parts_upwards_from_the_foot() -> None:
    html = render("chart", "columns([('1 Nov', [('ok', 3), ('bad', 1)])], 'Runs', 'a day', height=42)")

    assert '<rect class="ok" x="1" y="12.0" width="8" height="30.0"/>' in html
    assert '<rect class="bad" x="1" y="2.0" width="8" height="10.0"/>' in html


def test_the_last_ten_runs_tell_how_many_failed() -> None:
    runs = [("completed", 10)] * 11 + [("failed", None)]

    html = render("chart", "run_bars(runs)", runs=runs)

    assert 'aria-label="Last 10 runs: 1 failed"' in html
    assert html.count("v-18") == 9


def test_nothing_yet_teaches_the_command_that_makes_the_first_one() -> None:
    html = render("empty", "nothing_yet('No job yet', 'Send an event.', 'headwater ingest a.json')")

    assert 'data-copy="headwater ingest a.json"' in html
    assert 'tabindex="0"' in html
