"""Run the service: ``python -m vf_hrviton --port 8106``."""

from __future__ import annotations

import argparse

import uvicorn


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="vf_hrviton", description="The hrviton service of VF-Market fitting.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8106)
    options = parser.parse_args()
    uvicorn.run("vf_hrviton.app:create_app", factory=True, host=options.host, port=options.port, log_config=None)


if __name__ == "__main__":
    main()
