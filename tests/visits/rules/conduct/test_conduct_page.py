"""The generated half of docs/conduct.md."""

from visits.rules.conduct.conduct_page import MARK, conduct_page
from visits.rules.conduct.rows import ConductRow, Held

ROW = ConductRow(
    row=1, clause="Nights", code=("a.py",), moments=("plan",), doors=("API",), tests=("t.py::test_a",), status=Held.HELD
)


def test_what_people_wrote_stays_above_the_mark():
    page = conduct_page(written=f"# Mine\n\n{MARK}\nstale line", rows=(ROW,))

    assert page.startswith(f"# Mine\n\n{MARK}\n\n## Limits by jurisdiction\n")
    assert "stale line" not in page
    assert conduct_page(written=page, rows=(ROW,)) == page


def test_limits_show_what_a_jurisdiction_sets_itself():
    page = conduct_page(written="", rows=())

    assert "| `visit_until` | lower | 20:00 | = | = | = | 19:00 |" in page
    assert "| `permission_first` | higher | no | = | = | yes | = |" in page
    assert "| India (`IN`) | draft | Reserve Bank of India, draft directions of 12 February 2026 |" in page


def test_rows_are_counted_by_how_far_they_are_held():
    page = conduct_page(written="", rows=(ROW,))

    assert "1 held, 0 partly held, 0 left to people." in page
    assert "| 1 | Nights | held | plan | API | `a.py` | `t.py::test_a` |" in page
