"""Run the service: ``python -m vf_agnostic --port 8105``."""

from __future__ import annotations

import argparse

from vf_agnostic.app import create_app
from vfkit.serving import serve


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="vf_agnostic", description="The agnostic service of VF-Market fitting.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8105)
    options = parser.parse_args()
    serve(create_app(), options.host, options.port)


if __name__ == "__main__":
    main()
