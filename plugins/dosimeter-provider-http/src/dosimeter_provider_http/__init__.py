"""Any JSON endpoint for dosimeter, by a request template and response paths."""
