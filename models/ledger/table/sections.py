"""The titles and numbered problems between the rows of a ledger, and the numbers under which the rows below stand.

Told row by row, as the rows of one sheet stream by. PURE. Numbers that begin anew under each title are made whole by
them (numbers.py); what is a title, sheet_rows.py says.
"""

import re

from models.ledger.columns import plain

_CHINESE = "[一二三四五六七八九十百零]{1,4}"
_FORMS = (
    re.compile(rf"第({_CHINESE})(?:章|节|部分|板块|大类|类|方面|个方面)"),
    re.compile(rf"({_CHINESE})(?:[、.,]|$)"),
    re.compile(rf"\(({_CHINESE})\)"),
    re.compile(r"([0-9]{1,3})(?:[、.]?$)"),
    re.compile(r"\(([0-9]{1,3})\)$"),
)
"""How titles are numbered, the widest first."""
_OF_TITLES = 3
"""So many of these forms number titles; the others only problems."""


def form_of(no: str) -> int | None:
    """Which of the forms a number, or a text that begins with one, has."""
    text = plain(no)
    return next((nth for nth, form in enumerate(_FORMS) if form.match(text)), None)


def numbers_a_title(no: str, below: str) -> bool:
    """Whether the number is one that titles have, and the one in the row below of another form."""
    form = form_of(no)
    return form is not None and form < _OF_TITLES and form_of(below) not in {None, form}


class Sections:
    """Under which numbers a row stands: of the title above it, of the wider title above that, and so on."""

    def __init__(self) -> None:
        self._open: dict[int, str] = {}
        self.numbers: tuple[str, ...] = ()

    def begin(self, text: str) -> None:
        """A title, or the number of one. One without a number changes nothing."""
        form = form_of(text)
        if form is None:
            return
        match = _FORMS[form].match(plain(text))
        assert match
        self._open = {wider: no for wider, no in self._open.items() if wider < form} | {form: match[1]}
        self.numbers = tuple(self._open.values())
