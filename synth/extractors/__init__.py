"""Extractors, one file each: VERSION, WITNESS, LICENCE, NEEDS, PACKAGES, PROPERTIES, `measure`."""
