"""What is said of a template that cannot be read: in Chinese, and of what."""

import re

import pytest
from jinja2 import StrictUndefined

from notifications.reports.paper.rendering import rendered
from notifications.reports.paper.sandbox import sandbox


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% fro a in b %}", "没有名为“fro”的标签，或其开头标签缺失"),
        ("{{ a | upcase }}", "没有名为“upcase”的过滤器"),
        ("{% if a", "标签没有写完"),
        ("{% for %}{% endfor %}", "写法有误，请核对括号、引号和标签"),
        ("{% for a in b %}", "到末尾仍有标签没有结束，如缺少 endfor 或 endif"),
        ("{{ a b }}", "此处不应有“b”"),
        ("{{ a }", "此处不应有“}”"),
        ("{% endfor %}", "没有名为“endfor”的标签，或其开头标签缺失"),
        ("{{ 'a }}", "此处不应有“'”"),
        ("{{ a +", "标签没有写完"),
    ],
)
def test_what_cannot_be_read_is_told_in_chinese(source: str, said: str) -> None:
    found = rendered(sandbox(StrictUndefined), source, {"a": "", "b": ""}, 1_000, [])
    assert (found.fault, found.line) == (said, 1)


@pytest.mark.parametrize("source", ["{{ a | batch(3000000000) }}", "{{ a | slice(3000000000) }}"])
def test_no_filter_makes_a_long_list_of_a_short_one(source: str) -> None:
    found = rendered(sandbox(StrictUndefined), source, {"a": ["x"]}, 1_000, [])
    assert re.fullmatch("没有名为“(batch|slice)”的过滤器", found.fault)
