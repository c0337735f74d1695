"""Lets the tests import the modules beside them under the project's import mode."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
