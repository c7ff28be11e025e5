"""Readers of question files, one file a source: `read(root, keep)` yields rows and rejections."""
