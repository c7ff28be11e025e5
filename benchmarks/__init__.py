"""Measurements of speed that decide something; run by hand on an idle machine."""
