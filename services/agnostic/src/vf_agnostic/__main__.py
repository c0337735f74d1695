"""Run the service: ``python -m vf_agnostic --port 8105``."""

from vf_agnostic.app import create_app
from vfkit.contracts import Stage
from vfkit.serving import run

if __name__ == "__main__":
    run(Stage.AGNOSTIC, create_app, port=8105)
