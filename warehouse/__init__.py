"""Memory: shards, DuckDB, SQL files."""
