"""The commands beside the tests start by themselves: nobody has set Django up for them."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("tool", ["tests.browser.screenshots", "tests.crash"])
def test_a_tool_says_what_it_does(tool: str) -> None:
    surroundings = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", tool, "--help"]
    told = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)
    assert "--" in told.stdout
