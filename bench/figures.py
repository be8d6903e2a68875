"""From many figures to one that can be read."""

import math
import statistics
from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie; not a number where there are none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else math.nan


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Write the median with the extremes behind it: "1 240 (1 100..1 310)"."""
    if not values:
        return "-"
    low, middle, high = (f"{each:,.{digits}f}".replace(",", " ") for each in (min(values), median(values), max(values)))
    return f"{middle} ({low}..{high})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write rows under a head, in columns as wide as they need."""
    every = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[place]) for row in every) for place in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in every]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
