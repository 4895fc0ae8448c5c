"""What a stop reason means for a mark: nothing, a provider's block, or a cut; or a block after words."""

BLOCKED, TRUNCATED = 1, 2
SHOWN = 3
"""A block after words that were shown and have a mark of hazard: what came of it is no less than that."""
STOP = f"""
CASE WHEN c.stop = 'length' THEN {TRUNCATED} WHEN c.stop = 'filtered' THEN {BLOCKED}
  WHEN c.stop = 'refused' AND (c.reply IS c.leaf OR EXISTS (
    SELECT 1 FROM subject v JOIN rating h ON h.subject = v.k JOIN mark w ON w.rating = h.k
    WHERE v.attempt = a.k AND v.call = c.k AND w.reason LIKE 'blocked:%')) THEN {BLOCKED} ELSE 0 END
"""
"""The code of call *c* of attempt *a* in SQL, 0 where it means nothing. A refusal that a provider marks as
one is a block only where no words came; in words it is a reply like any other."""
