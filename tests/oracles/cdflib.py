"""Student's t quantile as cdflib finds it: to about 1e-8, where the oracle file shows the difference.

Only the file's ``n_eff_df`` needs it. Written after the description of the search in the public-domain
DCDFLIB (B. W. Brown, J. Lovato, K. Russell, 1994): an asymptotic first guess (Abramowitz and Stegun
26.7.5), steps until the root is bracketed, and algorithm R of J. C. P. Bus, T. J. Dekker (1975, ACM
Trans. Math. Softw. 1:330), which stops within 5e-9 of the root.
"""

import math

from scipy.special import ndtri, stdtr

SERIES = (
    (4.0, (1.0, 1.0)),
    (96.0, (3.0, 16.0, 5.0)),
    (384.0, (-15.0, 17.0, 19.0, 3.0)),
    (92160.0, (-945.0, -1920.0, 1482.0, 776.0, 79.0)),
)
"""Divisor and coefficients in powers of z^2 of each term of the first guess."""
NEAR = 1e-8


def t_quantile(level, df):
    """Give the two-sided quantile of Student's t."""
    q = (1 - level) / 2
    start = guess(q, df)

    def off(t):
        return float(stdtr(df, -t)) - q  # falling

    step = max(0.5, start / 2)
    one, other = start, start + step if off(start) > 0 else start - step
    while (off(other) > 0) is (off(start) > 0):
        step *= 5
        one, other = other, other + math.copysign(step, other - one)
    return root(off, min(one, other), max(one, other))


def guess(q, df):
    """Give the quantile to some powers of 1 / df."""
    z = abs(float(ndtri(q)))
    return z + sum(
        z * sum(c * z ** (2 * k) for k, c in enumerate(coefficients)) / (divisor * df**power)
        for power, (divisor, coefficients) in enumerate(SERIES, start=1)
    )


def root(off, b, a):
    """Find the zero between *b* and *a*."""
    fb, fa = off(b), off(a)
    d = fd = 0.0
    first = True
    while True:
        c, fc, slow = a, fa, 0
        while True:
            if abs(fc) < abs(fb):
                if c != a:
                    d, fd = a, fa
                a, fa, b, fb = b, fb, c, fc
                c, fc = a, fa
            near, half = NEAR * abs(b) / 2, (c + b) / 2 - b
            if abs(half) <= near:
                return b
            step = half
            if slow <= 3:
                near = math.copysign(near, half)
                p, q = (b - a) * fb, fa - fb
                if not first:
                    db, da = (fd - fb) / (d - b), (fd - fa) / (d - a)
                    p, q = da * p, db * fa - da * fb
                first = False
                p, q = (-p, -q) if p < 0 else (p, q)
                p *= 2 if slow == 3 else 1
                step = near if p == 0 or p <= q * near else p / q if p < half * q else half
            d, fd, a, fa = a, fa, b, fb
            b += step
            fb = off(b)
            if fc * fb >= 0:
                break
            slow = 0 if step == half else slow + 1
