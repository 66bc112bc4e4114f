"""The server alone: `python -m smarty_sample_video --port 8181 --auth-url URL`."""

from __future__ import annotations

import argparse

import uvicorn

from smarty_sample_video.gate import Gate
from smarty_sample_video.server import SampleVideo


def main() -> None:
    parser = argparse.ArgumentParser(prog="smarty_sample_video", description="Development video server.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8181)
    parser.add_argument("--auth-url", default="", help="address of the token check; without it everybody may watch")
    options = parser.parse_args()
    print(f"http://{options.host}:{options.port}/<stream>/index.m3u8", flush=True)
    # No access log: it would hold tokens.
    uvicorn.run(SampleVideo(Gate(options.auth_url)), host=options.host, port=options.port, access_log=False,
                log_level="warning")  # fmt: skip


if __name__ == "__main__":
    main()
