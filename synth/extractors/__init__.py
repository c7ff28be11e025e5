"""Extractors, one file each: VERSION, WITNESS, NEEDS, PROPERTIES and `measure(audio, given)`."""
