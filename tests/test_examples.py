"""The examples of docs/ run as they stand there, and neither sleep nor ask again and again."""

import ast
import os
import subprocess
import sys
from pathlib import Path


def test_the_sample_program_is_tested_against_cmcdesk_without_a_loop(root: Path) -> None:
    folder = root / "docs" / "examples" / "contact_form"
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        assert not any(isinstance(node, ast.While | ast.For | ast.AsyncFor) for node in ast.walk(tree)), path
        assert "sleep" not in path.read_text("utf-8").replace("no sleep", "")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts="]
    command += ["-p", "cmcdesk.testing.plugin", str(folder)]  # where it is installed, pytest finds it by itself
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
