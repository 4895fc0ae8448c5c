"""One offline HTML page of a dosimeter report."""
