"""Run the service: ``python -m vf_parse --port 8102``."""

from vf_parse.app import create_app
from vfkit.contracts import Stage
from vfkit.serving import run

if __name__ == "__main__":
    run(Stage.PARSE, create_app, port=8102)
