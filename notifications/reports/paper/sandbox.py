"""All that a template may do: name values, repeat, choose, and a list of filters. Nothing is called that matters.

A template is code, and an office's may have come from anywhere: no attribute is looked at but an entry of a mapping
and a few methods of texts and mappings, nothing is marked as safe. What is put out has bounds; what a template
computes on the way has not.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

FILTERS = frozenset({
    "abs", "count", "d", "default", "e", "escape", "first", "float", "groupby", "int", "items", "join", "last",
    "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse", "round", "select",
    "selectattr", "sort", "string", "sum", "title", "trim", "truncate", "unique", "upper",
})  # fmt: skip
"""Of Jinja2's own. Left out are those that make markup, look at attributes, or make a long text of a short one."""
_METHODS: Mapping[type, frozenset[str]] = {
    str: frozenset({"strip", "split", "splitlines", "startswith", "endswith", "replace", "upper", "lower"}),
    dict: frozenset({"items", "keys", "values", "get"}),
}


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2, narrowed."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An entry of a mapping goes before its method of the same name."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, LoopContext | Undefined):
            return super().is_safe_attribute(obj, attr, value)
        return any(isinstance(obj, kind) and attr in methods for kind, methods in _METHODS.items())

    def wrap_str_format(self, value: Any) -> None:
        """Jinja2 lets `str.format` through with a guard; here it is a method like others: a width has no bounds."""

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Numbers are counted with; texts are joined by + and repeated by nothing."""
        numbers = all(isinstance(one, int | float | Undefined) for one in (left, right))
        if operator == "**" or not (numbers or operator == "+"):
            raise TypeError("只有数可以这样计算")
        return super().call_binop(context, operator, left, right)


@pass_context
def _late(_: Context, value: object) -> object:
    """Keeps constants from being worked out while a template is compiled: what is wrong with them has no place then."""
    return value


def brief(text: str, longest: int) -> str:
    """The beginning of a text."""
    return text if len(text) <= longest else f"{text[: max(longest - 1, 0)]}…"


def numeral(number: int) -> str:
    """A count as headings are numbered: 一, 十二, 一百零三. Up to 9,999; above, in figures."""
    if not 0 < number < 10_000:
        return str(number)
    found, gap = "", False
    for place, unit in ((1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, place)
        if not digit:
            gap = bool(found)
            continue
        found += ("零" if gap else "") + "零一二三四五六七八九"[digit] + unit
        gap = False
    return found.removeprefix("一") if found.startswith("一十") else found


OWN_FILTERS: Mapping[str, Callable[..., str]] = MappingProxyType({"brief": brief, "numeral": numeral})
"""Filters that Jinja2 does not have."""


def sandbox(undefined: type[Undefined]) -> Sandbox:
    """The environment in which templates are read and filled. Values are escaped as XML wherever they are put."""
    environment = Sandbox(undefined=undefined, autoescape=True, optimized=False, finalize=_late)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in sorted(FILTERS)}
    environment.filters |= OWN_FILTERS
    return environment
