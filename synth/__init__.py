"""The verbs: pure functions over records, and the plug-ins they call."""
