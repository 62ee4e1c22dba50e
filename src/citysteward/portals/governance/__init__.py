"""The governance portal: the journal and the findings in the data."""
