"""The reliability diagram as a picture (SVG): how often answers of a stated confidence were right."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

_SIDE, _MARGIN = 360, 56


def draw(points: Sequence[tuple[float, float, int]], *, title: str) -> str:
    """Return the diagram. points: (mean confidence, share that was right, how many); the line is perfect calibration."""
    most = max((count for _, _, count in points), default=1)
    size = _SIDE + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" font-family="sans-serif" font-size="12">',
        f'<rect width="{size}" height="{size}" fill="white"/>',
        f'<text x="{size / 2}" y="24" text-anchor="middle" font-size="14">{escape(title)}</text>',
        f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#888"/>',
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#bbb" stroke-dasharray="4"/>',
    ]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(f'<text x="{_x(tick)}" y="{_y(0) + 18}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{_x(0) - 8}" y="{_y(tick) + 4}" text-anchor="end">{tick:g}</text>')
    for confidence, right, count in points:
        radius = 4 + 14 * (count / most) ** 0.5
        parts.append(
            f'<circle cx="{_x(confidence):.1f}" cy="{_y(right):.1f}" r="{radius:.1f}" fill="#1d5a96" fill-opacity="0.7">'
            f"<title>{count}: {confidence:.2f} → {right:.2f}</title></circle>"
        )
    parts.append(f'<text x="{size / 2}" y="{size - 12}" text-anchor="middle">confidence</text>')
    parts.append(f'<text x="16" y="{size / 2}" text-anchor="middle" transform="rotate(-90 16 {size / 2})">right</text></svg>')
    return "\n".join(parts)


def _x(value: float) -> float:
    return _MARGIN + value * _SIDE


def _y(value: float) -> float:
    return _MARGIN + (1 - value) * _SIDE
