"""Parts of a text message, as the composer's script counts them."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("segments.json").read_text())
COUNT_ALL = """
const { segments } = await import(process.argv[1]);
const texts = JSON.parse(process.argv[2]);
console.log(JSON.stringify(texts.map(segments)));
"""


def text_of(case: dict[str, Any]) -> str:
    return str(case["text"]) * int(case.get("times", 1))


def test_the_composer_counts_what_phones_count() -> None:
    node = shutil.which("node") or pytest.fail("node is not installed. Run: apt-get install nodejs")
    script = Path(str(finders.find("writing/segments.js"))).read_bytes()
    module = f"data:text/javascript;base64,{base64.b64encode(script).decode()}"
    texts = json.dumps([text_of(case) for case in CASES])
    command = [node, "--input-type=module", "--eval", COUNT_ALL, module, texts]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    wanted = [{name: case[name] for name in ("segments", "encoding", "left")} for case in CASES]
    assert json.loads(said) == wanted
