"""Values for a template: what people wrote, without what the XML of a document cannot hold or should not show. PURE."""

from collections.abc import Mapping

_KEPT = "\n\u3000"
"""Beside what can be printed: a line break, and the blank that Chinese paragraphs begin with."""


def clean(text: str) -> str:
    """Without control characters, lone surrogates and marks that turn the direction of writing; blanks are blanks."""
    if text.isprintable():
        return text
    return "".join(map(_kept, text.replace("\r\n", "\n").replace("\r", "\n")))


def cleaned(value: object) -> object:
    """The value with every text in it cleaned; lists, tuples and mappings are copied."""
    match value:
        case str():
            return clean(value)
        case Mapping():
            return {str(key): cleaned(found) for key, found in value.items()}
        case list() | tuple():
            return [cleaned(found) for found in value]
    return value


def _kept(character: str) -> str:
    if character.isprintable() or character in _KEPT:
        return character
    return " " if character.isspace() else ""
