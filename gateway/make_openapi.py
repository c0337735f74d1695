"""Write gateway/openapi.json, the description of the REST API: `.venv/open/bin/python gateway/make_openapi.py`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from vf_gateway.app import create_app
from vf_gateway.settings import Settings

TARGET = Path(__file__).with_name("openapi.json")


def document() -> str:
    """The description as the gateway serves it, as text with its keys in order."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder), store_url="memory://"))
    return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(document())
