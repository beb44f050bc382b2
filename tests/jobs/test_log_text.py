"""Text of logs: what is kept, what is shown; no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.jobs.log import HEAD, MASKED, Line, kept, lines, masked, masked_lines, plain, tail

LIMIT = 5 * 2**20
SECRETS = (
    "password=hunter2", 'api_key: "hunter2"', "--token hunter2", "DB_PWD='hunter2'",
    "Authorization: Bearer hunter2hunter2",
    "curl -H 'Authorization: Bearer hunter2hunter2'", "postgres://me:hunter2@db/x", '{"secret": "hunter2"}',
)  # fmt: skip


def test_ten_mebibytes_are_kept_to_the_first_64_kib_and_the_newest_rest() -> None:
    sizes = [(index * 1000, 1000) for index in range(10 * 2**20 // 1000)]

    found = kept(sizes, LIMIT)

    assert sum(extent.size for extent in found) == LIMIT
    head = [extent for extent in found if extent.offset < HEAD]
    assert sum(extent.size for extent in head) == HEAD
    assert found[-1].offset + found[-1].size == sizes[-1][0] + 1000
    assert found[len(head)].offset == sizes[-1][0] + 1000 - (LIMIT - HEAD)


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(1, 300), st.integers(1, 100))
def test_no_cap_is_exceeded_and_no_byte_is_kept_twice(sizes: list[int], limit: int, head: int) -> None:
    places = [(sum(sizes[:index]), size) for index, size in enumerate(sizes)]

    found = kept(places, limit, head)

    bytes_ = [at for extent in found for at in range(extent.offset, extent.offset + extent.size)]
    assert bytes_ == sorted(set(bytes_))
    assert len(bytes_) == min(limit, sum(sizes))
    assert all(places[extent.index][0] + extent.cut == extent.offset for extent in found)


def test_colours_titles_and_overwritten_progress_are_gone() -> None:
    assert plain("\x1b[1;31mfailed\x1b[0m \x1b]0;title\x07now\x9b2K") == "failed now"
    assert plain("10 %\r55 %\r100 %\r") == "100 %"


@pytest.mark.parametrize("text", SECRETS)
def test_a_planted_secret_is_masked(text: str) -> None:
    assert "hunter2" not in masked(text)


def test_ordinary_words_stay() -> None:
    assert masked("tokens: none of them; the password was changed").endswith("the password was changed")
    assert masked("step load == 3, see https://example.org/a:b@c") == "step load == 3, see https://example.org/a:b@c"


def test_lines_say_what_is_missing_between_chunks_and_repair_bytes() -> None:
    found = lines([(0, b"one\ntw"), (6, b"o \xff\n"), (20, b"late\nend")])

    assert found == [Line("one"), Line("two \ufffd"), Line("late", gap=10), Line("end")]


def test_the_tail_has_two_hundred_lines() -> None:
    found = tail([(0, b"".join(b"line %d\n" % number for number in range(1000)))])

    assert [found[0].text, found[-1].text, len(found)] == ["line 800", "line 999", 200]


def test_a_download_masks_what_two_chunks_share() -> None:
    found = b"".join(masked_lines([b"\x1b[1mpass", b"word=hunter2\nok\n", b"end"]))

    assert found == f"\x1b[1mpassword={MASKED}\nok\nend".encode()
