import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def drawn():
    """The module that draws garments; these tests are no package."""
    path = Path(__file__).with_name("drawn_garments.py")
    spec = importlib.util.spec_from_file_location("drawn_garments", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
