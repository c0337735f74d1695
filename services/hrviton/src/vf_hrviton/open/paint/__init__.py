"""Fills, skin, light and folds; all layers composed, bottom to top."""
