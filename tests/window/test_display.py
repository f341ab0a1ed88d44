"""What this machine can show."""

import os
import sys
from pathlib import Path

import pytest

from cmcdesk.window.display import (
    DISPLAY_NAMES,
    can_show_window,
    has_display,
    leave_sandbox_as_root,
    open_browser,
)

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a display")


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*DISPLAY_NAMES, "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@linux_only
@pytest.mark.parametrize("name", DISPLAY_NAMES)
def test_any_of_the_names_is_a_display(no_display: pytest.MonkeyPatch, name: str) -> None:
    assert not has_display()
    no_display.setenv(name, "")
    assert not has_display()
    no_display.setenv(name, ":0")
    assert has_display()


@linux_only
def test_no_window_without_a_display(no_display: pytest.MonkeyPatch) -> None:
    assert not can_show_window()


@linux_only
def test_no_window_without_the_extra(no_display: pytest.MonkeyPatch) -> None:
    no_display.setenv("QT_QPA_PLATFORM", "offscreen")
    no_display.setattr("cmcdesk.window.display.find_spec", lambda name: None)
    assert not can_show_window()


@linux_only
def test_the_sandbox_is_left_off_for_root_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QTWEBENGINE_DISABLE_SANDBOX", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    leave_sandbox_as_root()
    assert "QTWEBENGINE_DISABLE_SANDBOX" not in os.environ
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    leave_sandbox_as_root()
    assert os.environ["QTWEBENGINE_DISABLE_SANDBOX"] == "1"


@linux_only
def test_no_browser_is_opened_in_the_terminal(no_display: pytest.MonkeyPatch) -> None:
    assert not open_browser("http://127.0.0.1:1/")


@linux_only
def test_the_browser_that_the_user_named_is_opened(
    no_display: pytest.MonkeyPatch, tmp_path: Path, wait_for: object
) -> None:
    opened = tmp_path / "opened"
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    program.chmod(0o755)
    no_display.setenv("BROWSER", str(program))
    no_display.setattr("webbrowser._tryorder", None)  # it reads BROWSER once a process
    assert open_browser("http://127.0.0.1:1/?token=x")
    assert opened.read_text() == "http://127.0.0.1:1/?token=x\n"
