"""A letter as plain text, and the part of it that an answer begins with."""

from cases.rules.letters.letter import Letter, Section, answer_start, as_text

WHAT = Section(name="what", heading="What", sentences=("We wait.", "It is free."))
WHY = Section(name="why", heading="Why", sentences=("You were ill.",), rows=(("No.", "Amount"), ("1", "CNY 10.00")))
ASK = Section(name="ask", heading="Ask", sentences=("Please call.",))
WAY = Section(name="way", heading="Next", sentences=("Tell us.",))


def letter(language="en"):
    return Letter(
        language=language,
        title="A letter",
        file="letter",
        labels=(("Number", "H1"), ("Date", "1 March 2026")),
        greeting="Dear Wang,",
        sections=(WHAT, WHY, ASK, WAY),
        thanks="Thank you.",
        sender="Lender",
    )


def test_as_text_divides_sections_by_an_empty_line_and_tables_by_two_blanks():
    assert as_text(letter()) == (
        "A letter\n\nNumber: H1\nDate: 1 March 2026\n\nDear Wang,\n\nWhat\nWe wait.\nIt is free.\n\n"
        "Why\nYou were ill.\nNo.  Amount\n1  CNY 10.00\n\nAsk\nPlease call.\n\nNext\nTell us.\n\nThank you.\nLender\n"
    )
    assert "Number：H1" in as_text(letter("zh-hans"))


def test_answer_start_takes_whole_sentences_of_what_why_and_way():
    whole = "We wait.\nIt is free.\nYou were ill.\nTell us."
    assert answer_start(letter(), most=10_000) == whole
    assert (
        answer_start(letter(), most=len("We wait.\nIt is free.\nYou were ill."))
        == "We wait.\nIt is free.\nYou were ill."
    )
    assert answer_start(letter(), most=len("We wait.\nIt is free.\nYou were ill.") - 1) == "We wait.\nIt is free."
    assert answer_start(letter(), most=3) == ""
