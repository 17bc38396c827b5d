"""How a file seems to be written: encoding, delimiter and header."""

from typing import Any

import pytest

from cases.rules.profile.file_looks import (
    delimiter_of,
    encoding_of,
    file_table,
    first_rows,
    header_keys,
    unmarked_utf16,
)

ROWS = "客户号,姓名,额度\nK1,张三,100\nK2,李四,200\n"


@pytest.mark.parametrize(
    ("content", "format", "table"),
    [
        (ROWS.encode(), "csv", {}),
        (ROWS.encode("gb18030"), "csv", {}),
        (ROWS.encode("utf-16"), "csv", {"encodings": ["utf-16"]}),
        (ROWS.replace(",", ";").encode(), "csv", {"delimiter": ";"}),
        (ROWS.replace(",", "\t").encode(), "csv", {"delimiter": "\t"}),
        (("逾期客户清单\n\n" + ROWS).encode(), "csv", {"skip_lines": 2}),
        (b"K1,2026-11-20,100\nK2,2026-11-20,200\n", "csv", {"columns": ["1", "2", "3"]}),
        (b'{"a": 1}\n', "ndjson", {"format": "ndjson"}),
        (ROWS.encode(), "xlsx", {"format": "xlsx"}),
    ],
)
def test_the_table_of_the_file_says_only_what_is_unusual(content: bytes, format: str, table: dict[str, Any]) -> None:
    assert file_table(content=content, format=format) == table


def test_bytes_that_no_chinese_encoding_reads_are_read_as_the_last_one() -> None:
    assert encoding_of(content=b"caf\xe9 \xff\xe9\xe9 \x80") == "cp1252"


def test_a_comma_in_quotes_is_no_delimiter_and_an_unclosed_quote_ends_the_look() -> None:
    assert delimiter_of(text='a;b\n"1,2,3";4\n"5,6,7";8\n') == ";"
    assert first_rows(text='a,"b\nc",d\n1,2,3\n', delimiter=",") == [(0, ["a", "b\nc", "d"]), (2, ["1", "2", "3"])]


def test_no_rows_have_no_header() -> None:
    assert header_keys(rows=[]) == {}


def test_utf_16_without_its_mark_is_known_by_its_noughts() -> None:
    text = "客户号,借据号\n1,2\n"

    assert [unmarked_utf16(content=text.encode(name)) for name in ("utf-16-le", "utf-16-be", "utf-8", "gb18030")] == [
        "utf-16-le",
        "utf-16-be",
        "",
        "",
    ]
    assert unmarked_utf16(content=b"") == ""
