"""Learned weights of this project: data, losses, trainer, evaluation, export to ONNX."""
