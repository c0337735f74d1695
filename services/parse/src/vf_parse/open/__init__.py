"""A parser that models colours around the pose."""
