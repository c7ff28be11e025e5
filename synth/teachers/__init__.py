"""Teachers: one file a teacher, each with `open_teacher(options)`."""
