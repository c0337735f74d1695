"""`python -m vf_training`; `vf train`, `vf evaluate` and `vf export` call it in its environment."""

from vf_training.commands import main

if __name__ == "__main__":
    main()
