"""Empties workers before their servers go: what is in HDFS moves elsewhere, what runs there ends."""
