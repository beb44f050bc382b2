"""Fields of a schema, and what differs between two versions."""

from typing import Any

from app.lineage.reads.writes import oddness
from app.lineage.schema_fields import Difference, compare, flatten


def fields(*items: Any) -> list[Any]:
    """Return flat fields of (name, type) or (name, type, description)."""
    return list(flatten([dict(zip(("name", "type", "description"), item, strict=False)) for item in items]))


BEFORE = [("id", "int"), ("name", "text"), ("city", "text")]


def test_nested_fields_follow_their_parent_with_its_path() -> None:
    body = [
        {"name": "address", "type": "struct", "fields": [{"name": "zip", "type": "text"}, "no field"]},
        {"type": "x"},
    ]

    assert [(field.path, field.depth) for field in flatten(body)] == [("address", 0), ("address.zip", 1)]


def test_an_added_field_is_named_with_its_type() -> None:
    assert compare(fields(*BEFORE), fields(*BEFORE, ("age", "int"))) == [Difference("added", "age", after="int")]


def test_a_removed_field_moves_nothing() -> None:
    assert compare(fields(*BEFORE), fields(*BEFORE[1:])) == [Difference("removed", "id", before="int")]


def test_type_and_description_are_told_apart() -> None:
    found = compare(fields(("id", "int", "key")), fields(("id", "bigint", "the key")))

    assert [(item.change, item.before, item.after) for item in found] == [
        ("type", "int", "bigint"),
        ("description", "key", "the key"),
    ]


def test_another_name_at_the_same_place_with_the_same_type_is_guessed_a_rename() -> None:
    found = compare(fields(*BEFORE), fields(BEFORE[0], ("full_name", "text"), BEFORE[2]))

    assert found == [Difference("renamed", "full_name", "name", "full_name")]


def test_fields_that_changed_places_moved() -> None:
    found = compare(fields(*BEFORE), fields(BEFORE[0], BEFORE[2], BEFORE[1]))

    assert {(item.change, item.path) for item in found} == {("moved", "city"), ("moved", "name")}


def test_rows_beyond_three_spreads_are_out_of_the_usual_and_those_at_the_edge_are_not() -> None:
    before = [100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200]  # Q1 125, Q3 175: from -25 to 325

    assert oddness(before, 325) == ""
    assert oddness(before, 326) == "far more rows than usual"
    assert oddness([value + 1_000 for value in before], 974) == "far fewer rows than usual"


def test_the_first_write_without_rows_is_out_of_the_usual() -> None:
    assert oddness([5] * 10, 0) == "no rows for the first time"
    assert oddness([0, 5] * 5, 0) == ""
    assert oddness([], 0) == ""
