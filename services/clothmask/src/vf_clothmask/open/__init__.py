"""The colour of the backdrop, and U-2-Net where it is in doubt."""
