"""A learned parser: one network of this project for the regions, BlazePose for the person and for left and right."""
