"""Rows are removed from the columns of a batch; the rest keeps its order."""

from cases.rules.profile.read_columns import Part, ReadColumns


def test_keep_removes_rows_from_every_column_and_part() -> None:
    read = ReadColumns(
        sound=[0, 2, 3],
        single={"account": {"external_ref": ["K1", "K2", "K3"]}},
        repeated={"phones": [Part(rows=[0, 2], values={"number": ["1", "3"]})]},
    )

    read.keep(without=[0])

    assert (read.sound, read.single) == ([2, 3], {"account": {"external_ref": ["K2", "K3"]}})
    assert read.repeated == {"phones": [Part(rows=[1], values={"number": ["3"]})]}
