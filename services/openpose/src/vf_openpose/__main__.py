"""Run the service: ``python -m vf_openpose --port 8101``."""

from vf_openpose.app import create_app
from vfkit.contracts import Stage
from vfkit.serving import run

if __name__ == "__main__":
    run(Stage.OPENPOSE, create_app, port=8101)
