"""Run the service: ``python -m vf_openpose --port 8101``."""

from __future__ import annotations

import argparse

from vf_openpose.app import create_app
from vfkit.serving import serve


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="vf_openpose", description="The openpose service of VF-Market fitting.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8101)
    options = parser.parse_args()
    serve(create_app(), options.host, options.port)


if __name__ == "__main__":
    main()
