"""The citizens' portal: home, report, one's own cases, and what everybody may see of all."""
