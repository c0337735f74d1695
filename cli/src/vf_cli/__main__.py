"""`python -m vf_cli`: what the `vf` script runs once everything is set up."""

from vf_cli.commands import app

if __name__ == "__main__":
    app(prog_name="vf")
