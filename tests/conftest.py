"""The order of a whole run: files with long tests first, so that none of them is begun when all others are done."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files stay whole and keep their order otherwise: the workers are given one file after another."""
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("prefect")}
    items.sort(key=lambda item: item.path not in long)
