"""YAML whose repeated keys are told: of a key that stands twice in one mapping YAML would silently keep the last.

Reads with libyaml where PyYAML was built with it, since a directory of thousands of parties takes seconds without.
"""

from collections.abc import Iterator

import yaml

from models.errors import Problem

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(content: str) -> tuple[object, list[Problem]]:
    """What the YAML says, and a problem for each repeated key, with its line.

    Raises yaml.YAMLError, and ValueError for a date that does not exist.
    """
    loader = _Loader(content)
    try:
        root = loader.get_single_node()
        if root is None:
            return None, []
        repeated = list(_repeated(root))
        return loader.construct_document(root), repeated
    finally:
        loader.dispose()


def _repeated(node: yaml.Node) -> Iterator[Problem]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield Problem("同一个键写了两次", f"第{key.start_mark.line + 1}行", value=str(key.value))
            seen.add(str(key.value))
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(item)
