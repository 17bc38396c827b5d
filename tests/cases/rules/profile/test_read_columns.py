"""Rows are taken out of the columns of a batch."""

from cases.rules.profile.read_columns import Part, ReadColumns


def test_keep_takes_rows_out_of_every_column() -> None:
    read = ReadColumns(
        sound=[0, 2, 5],
        single={"account": {"external_ref": ["a", "b", "c"]}},
        repeated={"phones": [Part(rows=[0, 2], values={"number": ["1", "3"]})]},
    )

    read.keep(without=[1])

    assert read == ReadColumns(
        sound=[0, 5],
        single={"account": {"external_ref": ["a", "c"]}},
        repeated={"phones": [Part(rows=[0, 1], values={"number": ["1", "3"]})]},
    )
