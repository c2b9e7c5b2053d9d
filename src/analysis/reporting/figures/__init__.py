"""Figures: a frame in, axes out; numbers only, no fit, no file, no global style."""
