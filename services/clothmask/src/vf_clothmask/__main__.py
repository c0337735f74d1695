"""Run the service: ``python -m vf_clothmask --port 8104``."""

from vf_clothmask.app import create_app
from vfkit.contracts import Stage
from vfkit.serving import run

if __name__ == "__main__":
    run(Stage.CLOTHMASK, create_app, port=8104)
