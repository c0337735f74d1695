"""Where each landmark of a garment goes on a body, and the cloth bent to it."""
