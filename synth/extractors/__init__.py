"""Extractors, one file each: VERSION, WITNESS, NEEDS, PACKAGES, PROPERTIES and `measure`."""
