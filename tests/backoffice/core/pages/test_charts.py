"""Charts as data for Chart.js."""

import json

import pytest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy, override

from backoffice.core.pages.charts import COLOURS, chart


def test_a_chart_holds_its_labels_and_series_as_json():
    made = chart(
        title="Cases", labels=["一月", 2], series={("new", "new"): [1, None], ("old", "old"): [0, 2.5]}, note="a note"
    )

    data = json.loads(made["data"])
    assert data["labels"] == ["一月", "2"]
    assert [
        (each["label"], each["data"], each["backgroundColor"], each["borderWidth"]) for each in data["datasets"]
    ] == [
        ("new", [1, None], COLOURS["new"], 0),
        ("old", [0, 2.5], COLOURS["old"], 0),
    ]
    assert (made["title"], made["note"], made["type"], made["height"], made["is_empty"]) == (
        "Cases",
        "a note",
        "bar",
        280,
        False,
    )
    assert "一月" in made["data"]


@pytest.mark.parametrize(
    ("numbers", "is_empty"), [([], True), ([0, None, 0.0], True), ([0, 1], False), ([-1], False), ([None], True)]
)
def test_a_chart_of_nothing_but_noughts_is_empty(numbers, is_empty):
    assert chart(title="", labels=[""] * len(numbers), series={("new", ""): numbers})["is_empty"] is is_empty


@pytest.mark.parametrize(("bars", "height"), [(1, 160), (2, 160), (3, 162), (10, 400)])
def test_a_sideways_chart_grows_with_its_bars(bars, height):
    made = chart(title="", labels=["x"] * bars, series={("new", ""): [1] * bars}, sideways=True)

    options = json.loads(made["options"])
    assert (made["height"], options["indexAxis"]) == (height, "y")
    # Numbers run along the horizontal axis and begin at nought.
    assert (options["scales"]["x"]["beginAtZero"], "beginAtZero" in options["scales"]["y"]) == (True, False)


def test_a_legend_shows_only_where_there_are_several_series():
    def has_legend(*names):
        made = chart(title="", labels=["x"], series={("new", name): [1] for name in names}, kind="line")
        return json.loads(made["options"])["plugins"]["legend"]["display"]

    assert (has_legend("a"), has_legend("a", "b")) == (False, True)


def test_an_unknown_colour_is_a_defect():
    with pytest.raises(KeyError):
        chart(title="", labels=["x"], series={("pink", ""): [1]})


def test_a_page_shows_the_words_of_a_chart_as_text_only():
    made = chart(title="<script>1</script>", labels=['"><script>2</script>'], series={("new", "'<b>"): [1]})

    page = render_to_string("core/chart.html", {"chart": made})

    assert "<script>" not in page
    assert "<b>" not in page
    assert page.count("<canvas") == 1


def test_an_empty_chart_says_so_in_the_readers_language():
    made = chart(title=gettext_lazy("Roles"), labels=["x"], series={("new", ""): [0]})

    found = {}
    for language in ("en", "zh-hans"):
        with override(language):
            found[language] = render_to_string("core/chart.html", {"chart": made})

    assert ("Roles" in found["en"], "None." in found["en"]) == (True, True)
    assert ("角色" in found["zh-hans"], "None." in found["zh-hans"]) == (True, False)
    assert "<canvas" not in found["en"]
