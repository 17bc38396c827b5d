"""Letters are set in type from a template and values: the same ones give the same bytes."""

from datetime import UTC, datetime

from backoffice.core.typesetting import typeset
from tests.pdf_text import pdf_text

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)


def _template(tmp_path):
    template = tmp_path / "page.typ"
    template.write_text(
        '#let d = json(bytes(sys.inputs.data))\n#set text(font: "Noto Sans SC")\n#d.name：#d.words\n#pagebreak()\n(第二页)',
        encoding="utf-8",
    )
    return template


def test_typeset_prints_the_values_in_chinese_and_english(tmp_path):
    values = {"name": "张*三", "words": "30,000.00 (net) #eval('1')"}

    content = typeset(template=_template(tmp_path), values=values, dated=AT)

    assert content.startswith(b"%PDF-")
    # A value is printed as it stands and never run as a template.
    assert pdf_text(content) == "张*三：30,000.00(net)#eval('1')(第二页)"


def test_typeset_gives_the_same_bytes_for_the_same_letter(tmp_path):
    template = _template(tmp_path)
    values = {"name": "a", "words": "b"}

    content = typeset(template=template, values=values, dated=AT)

    assert typeset(template=template, values=values, dated=AT) == content
    assert typeset(template=template, values=values, dated=AT.replace(year=2027)) != content
