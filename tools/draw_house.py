"""Draws docs/pictures/house.svg: the layers and rooms as .importlinter holds them.

    python -m tools.draw_house

The drawing is made from the contracts, so it shows the house as it is.
"""

import configparser
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs/pictures/house.svg"
WIDTH, ROW, GAP, LEFT = 920, 58, 10, 20

WHAT_FOR = {
    "config": ("wires everything", "settings, server, command line"),
    "portals": ("门户 portals", "citizen, staff: homes, work list, case pages; no rules"),
    "contracts": ("合同 contracts", "contract as data, appraisal, statement, payment"),
    "performance": ("绩效 performance", "metrics over the lake, indicators, cases behind them"),
    "grid": ("网格 grid", "reports, Open311, imports"),
    "kernel": (
        "内核 kernel",
        "cases 办件 › parties 主体 › areas 区划 › calendar 日历 › journal 日志",
    ),
    "ui": ("界面 ui", "tokens, frame, components, charts, maps"),
    "lib": ("lib", "words, money, dates, packs, signing; no models"),
}


def layers() -> list[str]:
    """The layers from the top down, as import-linter reads them."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return parser["importlinter:contract:house"]["layers"].split()


def draw() -> str:
    """The picture as SVG text."""
    rows = layers()
    height = len(rows) * (ROW + GAP) + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, Noto Sans CJK SC, sans-serif" role="img">',
        "<title>The house: each layer imports only from those below it</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fbfaf6"/>',
    ]
    for i, name in enumerate(rows):
        title, detail = WHAT_FOR[name]
        top = 20 + i * (ROW + GAP)
        fill = "#e8f1f1" if name == "kernel" else "#ffffff"
        parts += [
            f'<rect x="{LEFT}" y="{top}" width="{WIDTH - 120}" height="{ROW}" rx="6" '
            f'fill="{fill}" stroke="#c3cbd1"/>',
            f'<text x="{LEFT + 16}" y="{top + 25}" font-size="17" font-weight="600" '
            f'fill="#0a444a">{escape(title)}</text>',
            f'<text x="{LEFT + 16}" y="{top + 46}" font-size="14" fill="#4a5763">'
            f"{escape(detail)}</text>",
        ]
    bottom = 20 + len(rows) * (ROW + GAP) - GAP
    parts += [
        f'<path d="M{WIDTH - 60} 30V{bottom - 12}" stroke="#0f5c63" stroke-width="2"/>',
        f'<path d="M{WIDTH - 68} {bottom - 18}l8 14 8-14z" fill="#0f5c63"/>',
        f'<text x="{WIDTH - 44}" y="{(20 + bottom) // 2}" font-size="14" fill="#0f5c63" '
        f'transform="rotate(90 {WIDTH - 44} {(20 + bottom) // 2})" text-anchor="middle">'
        "imports</text>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(draw(), encoding="utf-8")
