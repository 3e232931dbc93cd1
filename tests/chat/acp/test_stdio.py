"""The protocol's messages on the standard streams of a real process."""

import json
import os
import subprocess
import sys
from pathlib import Path


def test_standard_output_holds_the_protocol_alone(shop: Path) -> None:
    """Lines that are no message get an error each, the next is answered, and the end of input ends the program."""
    lines = [
        b"not json",
        b"[1]",
        b'{"jsonrpc":"2.0","id":{},"method":"initialize"}',
        b"",
        b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":9}}',
        b'{"jsonrpc":"2.0","id":2,"method":"session/new","params":{}}',
        b'{"jsonrpc":"2.0","id":3,"method":"nonsense"}',
        json.dumps(
            {
                "jsonrpc": "2.0",
                "id": 4,
                "method": "session/prompt",
                "params": {"sessionId": "x", "prompt": [{"type": "text", "text": "x" * 3_000_000}]},
            }
        ).encode(),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "chat", "acp", "--model", "openai/x"],
        cwd=shop,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        input=b"\n".join(lines) + b"\n",
        capture_output=True,
        timeout=60,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    codes = sorted(answer["error"]["code"] for answer in answers if answer["id"] is None)
    assert codes == [-32700, -32600, -32600]
    by_id = {answer["id"]: answer for answer in answers if answer["id"] is not None}
    assert by_id[1]["result"]["protocolVersion"] == 1
    assert by_id[1]["result"]["agentCapabilities"]["loadSession"]
    assert [by_id[number]["error"]["code"] for number in (2, 3, 4)] == [-32602, -32601, -32002]
