"""The floor: an ASGI application that sends one captured answer, on the same server, loop and headers as Smarty.

`python -m benchmarks.bare ANSWER PORT`; ANSWER is a JSON file with `status`, `headers` and, in base64, `body`.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import uvicorn


def application(path: Path) -> Any:
    answer = json.loads(path.read_text())
    headers = [(name.encode(), value.encode()) for name, value in answer["headers"]]
    start = {"type": "http.response.start", "status": answer["status"], "headers": headers}
    body = {"type": "http.response.body", "body": base64.b64decode(answer["body"])}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start)
        await send(body)

    return app


if __name__ == "__main__":
    uvicorn.run(
        application(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), lifespan="off", ws="none",
        access_log=False, log_level="warning", server_header=False, http="httptools", loop="uvloop",
    )  # fmt: skip
