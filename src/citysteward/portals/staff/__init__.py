"""The staff portal: the work list, the map and one page per case."""
