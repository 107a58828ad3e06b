"""How what is too long is told in short: a text on one line, a list by its first lines. PURE.

For previews, differences and problems, whose whole is in the JSON form.
"""

SHOWN = 40
"""Characters of a text that are told."""


def short(text: str, most: int = SHOWN) -> str:
    """The text on one line, its first characters where it is longer than `most`."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}……"


def left_out_zh(count: int, what: str) -> str:
    """The line below a list that was cut short: so many more (`what`, with its measure word) there are."""
    return f"  …… 另有{count}{what}，见 --json"
