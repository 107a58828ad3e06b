"""How whatever comes out of a rehearsal is marked, so that it never passes for the real thing. PURE."""

REHEARSAL_MARK = "【演练】"
"""What the subject and both bodies of every message bear, and every paper, page and picture."""
