"""Small charts as SVG, drawn with attributes alone so that a strict content policy lets them be seen."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

_LINE, _WIDTH, _LABEL, _NUMBER = 28, 460, 180, 76
_INK, _SOFT, _BAR, _GOAL = "#1d2a31", "#5b6b74", "#0f5f68", "#a4262c"


def bars(values: Sequence[tuple[str, int]], *, title: str) -> str:
    """Return a bar for each (label, count), with its share of all."""
    total = sum(count for _, count in values)
    most = max((count for _, count in values), default=0) or 1
    room = _WIDTH - _LABEL - _NUMBER
    parts = [_open(_LINE * len(values) + 8, title)]
    for place, (label, count) in enumerate(values):
        y = 4 + place * _LINE
        share = f" ({count * 100 / total:.0f} %)" if total else ""
        width = room * count / most
        parts.append(_text(_LABEL - 8, y + 18, _cut(label), anchor="end"))
        parts.append(f'<rect x="{_LABEL}" y="{y + 4}" width="{width:.1f}" height="{_LINE - 8}" rx="3" fill="{_BAR}"/>')
        parts.append(_text(_LABEL + width + 6, y + 18, f"{count}{share}"))
    return "".join([*parts, "</svg>"])


def shares(values: Sequence[tuple[str, float]], *, goal: float, title: str, goal_label: str) -> str:
    """Return a column for each (label, share from 0 to 1), with a line at the goal."""
    height, left, top, bottom = 220, 44, 16, 34
    room, tall = _WIDTH - left - 10, height - top - bottom
    step = room / max(1, len(values))
    parts = [_open(height, title)]
    for tick in (0, 25, 50, 75, 100):
        y = top + tall * (1 - tick / 100)
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{_WIDTH - 10}" y2="{y:.1f}" stroke="#d5dde1"/>')
        parts.append(_text(left - 6, y + 4, f"{tick} %", anchor="end", size=11, fill=_SOFT))
    for place, (label, share) in enumerate(values):
        x, wide = left + place * step + step * 0.2, step * 0.6
        high = tall * min(1.0, max(0.0, share))
        y = top + tall - high
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="3" fill="{_BAR}"/>')
        parts.append(_text(x + wide / 2, y - 4 if high < tall - 14 else y + 14, f"{share * 100:.0f}", anchor="middle", size=11,
                           fill=_INK if high < tall - 14 else "#ffffff"))  # fmt: skip
        parts.append(_text(x + wide / 2, height - 14, label[-12:], anchor="middle", size=11))
    y = top + tall * (1 - goal)
    parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{_WIDTH - 10}" y2="{y:.1f}" stroke="{_GOAL}" stroke-dasharray="5 4"/>')
    parts.append(_text(_WIDTH - 12, y - 4, goal_label, anchor="end", size=11, fill=_GOAL))
    return "".join([*parts, "</svg>"])


def _open(height: int, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="100%" role="img" '
        f'font-family="sans-serif"><title>{escape(title)}</title>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 13, fill: str = _INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{fill}">{escape(text)}</text>'


def _cut(text: str, most: int = 27) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
