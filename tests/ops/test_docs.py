"""The manual keeps up with the program."""

from pathlib import Path

from django.core.management import get_commands

from candidly.config import Config

MANUAL = (Path(__file__).parents[2] / "docs/running.md").read_text()


def test_every_setting_is_in_the_manual() -> None:
    missing = [name for name in Config.model_fields if f"`CANDIDLY_{name.upper()}`" not in MANUAL]
    assert missing == []


def test_every_command_of_ours_is_in_the_manual() -> None:
    ours = [name for name, app in get_commands().items() if app == "candidly"]
    assert [name for name in ours if f"| `{name.replace('_', '-')}` |" not in MANUAL] == []
