"""COPY text is read back as the values that were written."""

from typing import Any

from django.db import connection

from cases.services.intake.copy_text import copy_text

ODD = ["plain", "tab\there", "line\nbreak", "back\\slash", "\\N", "", None, "张小三\r"]


def test_copy_text_is_read_back_unchanged(db: Any) -> None:
    numbers = list(range(len(ODD)))
    sealed = [None if text is None else text.encode() for text in ODD]

    text = copy_text(columns=[numbers, ODD, sealed, None], kinds=["integer", "text", "bytea", "date"], count=len(ODD))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copied (n integer, t text, b bytea, d date) ON COMMIT DROP")
        with cursor.copy("COPY copied FROM STDIN") as copy:
            copy.write(text)
        cursor.execute("SELECT n, t, b, d FROM copied ORDER BY n")
        rows = [(n, t, None if b is None else bytes(b), d) for n, t, b, d in cursor.fetchall()]

    assert rows == [(n, t, b, None) for n, t, b in zip(numbers, ODD, sealed, strict=True)]


def test_copy_text_of_no_rows_is_empty() -> None:
    assert copy_text(columns=[[], None], kinds=["text", "date"], count=0) == ""
