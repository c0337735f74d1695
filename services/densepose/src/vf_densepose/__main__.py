"""Run the service: ``python -m vf_densepose --port 8103``."""

from vf_densepose.app import create_app
from vfkit.contracts import Stage
from vfkit.serving import run

if __name__ == "__main__":
    run(Stage.DENSEPOSE, create_app, port=8103)
