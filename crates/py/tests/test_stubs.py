"""What the stubs say is what the module has, docstrings included."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import coercivity
from coercivity import _native


def test_stubs_and_module_agree(tmp_path):
    command = [sys.executable, "-m", "mypy.stubtest", "coercivity", "--concise"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (0, ""), said.stdout + said.stderr


def test_all_that_is_native_is_public():
    assert sorted(coercivity.__all__) == sorted(_native.__all__)


def documented(body, within=""):
    """Names of classes, functions and methods below, and their docstrings."""
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_A"):
            yield within + node.name, ast.get_docstring(node)
            if isinstance(node, ast.ClassDef):
                yield from documented(node.body, f"{node.name}.")


def test_everything_public_is_documented_in_both_alike():
    stubs = Path(coercivity.__file__).with_name("_native.pyi")
    names = dict(documented(ast.parse(stubs.read_text()).body))
    assert len(names) > 40
    for name, said in names.items():
        thing = _native
        for part in name.split("."):
            thing = getattr(thing, part)
        # What Python itself says of `__len__` cannot be changed.
        if not name.endswith(".__len__"):
            assert said and inspect.getdoc(thing) == said, name
