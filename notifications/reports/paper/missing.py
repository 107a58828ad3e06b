"""Names that a template uses and nothing gives: noted with their line, so that one filling finds all of them.

Used only while a template is filled. An undefined name never becomes a blank on paper: what is noted is refused.
"""

import sys
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, NoReturn

from jinja2 import Template, Undefined
from jinja2.exceptions import SecurityError
from jinja2.utils import missing as MISSING  # noqa: N812


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that is not there, or must not be looked at, at a line of the template's source."""

    name: str
    line: int
    among: tuple[str, ...] | None  # the names that are there beside it; None: it is no entry of anything
    forbidden: bool


def noting(found: list[Missing]) -> type[Undefined]:
    """A kind of undefined that adds itself to `found` wherever a template makes any use of it."""

    class Noting(Undefined):
        __slots__ = ()

        def _fail_with_undefined_error(self, *_: Any, **__: Any) -> NoReturn:
            self._note()
            super()._fail_with_undefined_error()

        def _note(self) -> None:
            beside = self._undefined_obj
            among = None if beside is MISSING else tuple(map(str, beside)) if isinstance(beside, dict) else ()
            forbidden = issubclass(self._undefined_exception, SecurityError)
            found.append(Missing(str(self._undefined_name), line_of_caller(), among, forbidden))

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            self._note()
            return self

        def __str__(self) -> str:
            self._note()
            return ""

        def __repr__(self) -> str:
            self._note()
            return ""

        def __iter__(self) -> Any:
            self._note()
            return iter(())

        def __bool__(self) -> bool:
            self._note()
            return False

        def __len__(self) -> int:
            self._note()
            return 0

        def __eq__(self, _: object) -> bool:
            self._note()
            return False

        def __ne__(self, _: object) -> bool:
            self._note()
            return False

        def __hash__(self) -> int:
            self._note()
            return 0

    return Noting


def line_of_caller() -> int:
    """The line of the template that is being filled right now; 0 where none is."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if line := _line(frame, frame.f_lineno):
            return line
        frame = frame.f_back
    return 0


def line_of_error(error: BaseException) -> int:
    """The line of the template at which filling broke off; 0 where it is not known."""
    line, step = 0, error.__traceback__
    while isinstance(step, TracebackType):
        line = _line(step.tb_frame, step.tb_lineno) or line
        step = step.tb_next
    return line


def _line(frame: FrameType, number: int) -> int:
    template = frame.f_globals.get("__jinja_template__")
    return template.get_corresponding_lineno(number) if isinstance(template, Template) else 0
