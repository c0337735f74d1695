"""Run the service: ``python -m vf_hrviton --port 8106``."""

from vf_hrviton.app import create_app
from vfkit.contracts import Stage
from vfkit.serving import run

if __name__ == "__main__":
    run(Stage.HRVITON, create_app, port=8106)
