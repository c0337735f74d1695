"""The garment reader's word, the contour before a plain backdrop, and U-2-Net elsewhere."""
