"""Exporters: one file a trainer, each with `export(rows, audio, path)`."""
