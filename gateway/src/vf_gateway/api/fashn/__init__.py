"""FASHN's API in front of our own: its calls, its words. What it asks for is a fitting like any other."""
