"""What all kinds of rows share: keys of raw rows, and counts of outcomes."""

from cases.rules.profile.read_columns import ReadColumns
from cases.rules.profile.refusals import REQUIRED, Refused
from cases.services.intake.feed import Outcome, RejectedRow, count_outcome, raw_batch, rejected_rows


def test_raw_batch_keeps_numbers_cells_and_keys_side_by_side() -> None:
    rows = [(2, ["K1", "P1"]), (4, ["K2", "P1"])]

    raw = raw_batch(
        rows=rows,
        refs=lambda cells: [row[0] for row in cells],
        owners=lambda cells: [row[1] for row in cells],
        digest=lambda cells: "".join(cells).encode(),
    )

    assert (raw.numbers, raw.cells) == ([2, 4], [["K1", "P1"], ["K2", "P1"]])
    assert (raw.refs, raw.owners, raw.digests) == (["K1", "K2"], ["P1", "P1"], [b"K1P1", b"K2P1"])


def test_count_outcome_counts_a_created_row_once() -> None:
    outcome = count_outcome(refs=["a", "b", "c", "d"], created={"a"}, changed={"a", "b"})

    assert outcome == Outcome(created=1, updated=1, unchanged=2)


def test_rejected_rows_come_in_the_order_of_the_file() -> None:
    second, first = Refused(REQUIRED, field="b"), Refused(REQUIRED, field="a")
    read = ReadColumns(sound=[1], problems={2: [second], 0: [first]})

    rows = rejected_rows(read=read, numbers=[5, 6, 7], cells=[["x"], ["y"], ["z"]])

    assert rows == [
        RejectedRow(number=5, cells=["x"], problems=[first]),
        RejectedRow(number=7, cells=["z"], problems=[second]),
    ]
