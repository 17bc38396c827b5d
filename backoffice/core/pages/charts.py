"""Charts of the admin as data: Unfold draws every `canvas.chart` with Chart.js, so pages need no script of their own."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

COLOURS: Final[Mapping[str, str]] = {
    "new": "var(--color-primary-500)",
    "old": "#94a3b8",
    "more": "#d97706",
    "fewer": "#2563eb",
    "danger": "#dc2626",
}
Numbers = Sequence[float | int | None]


def chart(
    *,
    title: Any,
    labels: Sequence[Any],
    series: Mapping[tuple[str, Any], Numbers],
    kind: str = "bar",
    sideways: bool = False,
    note: Any = "",
    stacked: bool = False,
    height: int = 280,
) -> dict[str, Any]:
    """
    Return one chart for the template `core/chart.html`.

    `series` maps (colour, name) to one number a label; None leaves a gap. `sideways` draws bars from left to right,
    which leaves room for long labels. `stacked` puts the numbers of a label above each other. `height` is in pixels, of charts that
    are not sideways.
    """
    drawn = [
        {
            "label": str(name),
            "data": list(numbers),
            "backgroundColor": COLOURS[colour],
            "borderColor": COLOURS[colour],
            "borderRadius": 4,
            "maxBarThickness": 32,
            "displayYAxis": True,
            "borderWidth": 2 if kind == "line" else 0,
            "pointRadius": 3,
            "tension": 0.2,
        }
        for (colour, name), numbers in series.items()
    ]
    counted = {"beginAtZero": True, "ticks": {"precision": 0}, "stacked": stacked}
    named = {"grid": {"display": False}, "ticks": {"autoSkip": False}, "stacked": stacked}
    options = {
        "responsive": True,
        "maintainAspectRatio": False,
        "animation": False,
        "indexAxis": "y" if sideways else "x",
        "plugins": {"legend": {"display": len(drawn) > 1, "position": "top", "align": "end"}},
        "scales": {"x": counted, "y": named} if sideways else {"x": named, "y": counted},
    }
    data = {"labels": [str(label) for label in labels], "datasets": drawn}
    return {
        "title": title,
        "note": note,
        "type": kind,
        "data": json.dumps(data, ensure_ascii=False),
        "options": json.dumps(options),
        "height": max(160, 60 + 34 * len(labels)) if sideways else height,
        "is_empty": not any(number for numbers in series.values() for number in numbers),
    }
