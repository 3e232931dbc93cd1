"""The protocol's messages on the standard streams of a real process."""

import asyncio
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from chat.acp.stdio import LineTransport


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


class SlowPipe(io.BytesIO):
    """A reader that takes its time for each line."""

    def write(self, data: object) -> int:
        time.sleep(0.03)
        return super().write(data)  # type: ignore[arg-type]


def test_the_end_of_input_loses_no_answer_that_waits_for_a_slow_reader() -> None:
    """Whoever stops at the end of the messages, and drops what is still being sent, drops nothing."""
    pipe = SlowPipe()

    async def serve() -> None:
        requests = b"".join(b'{"jsonrpc":"2.0","id":%d,"method":"x"}\n' % number for number in range(5))
        transport = LineTransport(io.BytesIO(requests), pipe)
        answers = []
        while message := await transport.receive():
            answer = {"jsonrpc": "2.0", "id": message["id"], "result": {}}
            answers.append(asyncio.create_task(transport.send(answer)))
        for task in answers:
            task.cancel()
        await transport.close()

    asyncio.run(serve())
    assert [json.loads(line)["id"] for line in pipe.getvalue().splitlines()] == [0, 1, 2, 3, 4]
