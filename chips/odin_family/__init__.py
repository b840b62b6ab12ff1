"""What ODIN and tinyODIN share."""
