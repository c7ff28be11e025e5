"""Edits: one file an edit, each with `apply(sources, params, seed) -> Edited`."""
