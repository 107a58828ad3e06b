"""What encodings a text of an office may be written in, likeliest first. PURE.

Asked by the reader of ledgers kept as text and by that of published notices. Which of them it is shows only where the
whole of it can be read so; that is for the reader to try.
"""

import codecs

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WITHOUT_MARK = ("utf-8", "gb18030")
"""GB18030 is what Chinese offices write where they do not write UTF-8. It reads nearly anything, so it comes last."""
MARK_LONGEST = len(codecs.BOM_UTF8)


def encodings_of(start: bytes) -> tuple[str, ...]:
    """What a text may be written in that begins so: what its mark says, or else each in turn."""
    marked = (encoding for mark, encoding in _MARKS if start.startswith(mark))
    return tuple(marked) or _WITHOUT_MARK
