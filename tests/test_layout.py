"""The house itself: which room may import which, what stays out of the light commands, and traps of packaging.

Modules are asked for in processes of their own, from a folder that is not the checkout, as an office runs them.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("config", "models", "notifications", "flows", "duban")
HEAVY = ("prefect", "apprise")


def modules(*rooms: str) -> Iterator[Path]:
    """The Python files of these rooms, but for empty ones."""
    for room in rooms:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if path.read_bytes().strip())


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def python(code: str, folder: Path) -> str:
    """What this code prints when Python runs it in that folder. -P: only what is installed can be imported."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def imports_of(path: Path) -> set[str]:
    """Every module that this file imports, anywhere in it, by its dotted name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


# --- Which room may import which


def test_the_arrows_point_one_way() -> None:
    """The contracts stand in pyproject.toml, under [tool.importlinter]."""
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


PURE = [path for path in modules("models") if "PURE" in (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "")]


@pytest.mark.parametrize("path", PURE, ids=dotted)
def test_pure_modules_know_nothing_but_the_language_and_each_other(path: Path) -> None:
    pure = {dotted(other) for other in PURE}
    allowed = sys.stdlib_module_names | {"pendulum"}
    for name in imports_of(path):
        inside = any(name == other or name.startswith(f"{other}.") for other in pure)
        assert name.partition(".")[0] in allowed or inside or name == "models", name


def test_the_rules_are_pure() -> None:
    rules = {"models.errors", "models.ladder", "models.lifecycle", "models.timelimit", "models.workdays"}
    assert rules <= {dotted(path) for path in PURE}


def test_there_are_no_relative_imports() -> None:
    for path in modules(*ROOMS, "tests"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level], path


# --- What is loaded


@pytest.mark.parametrize(
    ("wanted", "forbidden"),
    [
        pytest.param(
            [dotted(path) for path in modules("models") if "migrations" not in path.parts], HEAVY, id="models"
        ),
        pytest.param([dotted(path) for path in modules("config")], HEAVY, id="config"),
        pytest.param([dotted(path) for path in modules("notifications")], ("prefect",), id="notifications"),
        pytest.param(
            ["flows.office", "flows.steps", "flows.acting", "flows.announcing", "flows.prefect_settings"],
            (*HEAVY, "http"),
            id="the wiring of an office",
        ),
        pytest.param([dotted(path) for path in modules("duban") if path.name != "__main__.py"], HEAVY, id="duban"),
    ],
)
def test_importing_them_loads_nothing_heavy(tmp_path: Path, wanted: list[str], forbidden: tuple[str, ...]) -> None:
    code = f"import importlib, sys\nfor name in {wanted}: importlib.import_module(name)\nprint(*sys.modules)"
    loaded = python(code, tmp_path).split()
    assert set(wanted) <= set(loaded)
    assert {name.partition(".")[0] for name in loaded}.isdisjoint(forbidden)


def test_our_packages_come_from_this_checkout(tmp_path: Path) -> None:
    """Names as plain as `config` and `models` are easily taken by another package, or by the folder one stands in."""
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    code = f"import {', '.join(ROOMS)}\nfor room in ({', '.join(ROOMS)}): print(room.__file__)"
    assert python(code, tmp_path).splitlines() == [str(ROOT / room / "__init__.py") for room in ROOMS]


# --- Files


def test_no_flow_is_named_like_something_else_that_is_imported() -> None:
    """Prefect may put flows/ first on sys.path: a flows/calendar.py would then be everybody's calendar."""
    names = {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"}
    assert names.isdisjoint({*sys.stdlib_module_names, *ROOMS, *HEAVY})


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_every_folder_with_modules_is_a_package(room: str) -> None:
    folders = {path.parent for path in (ROOT / room).rglob("*.py")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


def test_every_module_says_what_it_is() -> None:
    silent = [dotted(path) for path in modules(*ROOMS, "tests") if not ast.get_docstring(ast.parse(path.read_bytes()))]
    assert silent == []


def test_no_module_turns_annotations_into_text() -> None:
    """`from __future__ import annotations` breaks SQLModel's relationships."""
    assert [path for path in modules(*ROOMS) if "__future__.annotations" in imports_of(path)] == []
