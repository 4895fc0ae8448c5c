"""From journal to report: measures, caveats and gates. Pure: reads, computes, writes nothing."""
