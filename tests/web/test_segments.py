"""Parts of a text message, as the composer's script counts them."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from candidly.rules.portal_links import ANY_SEED, address_of
from candidly.rules.texting import room_beside, whole

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("segments.json").read_text())
RUN = """
const found = await import(process.argv[1]);
const calls = JSON.parse(process.argv[2]);
console.log(JSON.stringify(calls.map(([name, ...given]) => found[name](...given))));
"""


def text_of(case: dict[str, Any]) -> str:
    return str(case["text"]) * int(case.get("times", 1))


def said(*calls: tuple[Any, ...]) -> list[Any]:
    """What the script's functions answer, each called by name with what follows."""
    node = shutil.which("node") or pytest.fail("node is not installed. Run: apt-get install nodejs")
    script = Path(str(finders.find("writing/segments.js"))).read_bytes()
    module = f"data:text/javascript;base64,{base64.b64encode(script).decode()}"
    command = [node, "--input-type=module", "--eval", RUN, module, json.dumps(calls)]
    answered = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    found: list[Any] = json.loads(answered)
    return found


def test_the_composer_counts_what_phones_count() -> None:
    wanted = [{name: case[name] for name in ("segments", "encoding", "left")} for case in CASES]
    assert said(*(("segments", text_of(case)) for case in CASES)) == wanted


def test_the_composer_warns_of_exactly_those_texts_that_leave_shortened() -> None:
    link = address_of(ANY_SEED)
    room = room_beside(link)
    fits, over, emoji = "a" * room, "a" * (room + 1), "👍" * room
    assert [whole(text, link) == f"{text}\n{link}" for text in (fits, over, emoji)] == [True, False, False]
    shortened = "too many for a text message: it is shortened, and carries a link to the whole."
    assert said(*(("summary", f"{text}\n", room) for text in ("a" * 161, fits, over, emoji))) == [
        "2 text messages, 144 characters left.",
        f"{-(-(room + 1) // 153)} text messages, {-(room + 1) % 153} characters left.",
        f"1 character {shortened}",
        f"{room} characters {shortened}",
    ]
