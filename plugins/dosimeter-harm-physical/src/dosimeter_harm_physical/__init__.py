"""Physical harm for dosimeter: families of harmful requests with matched benign twins."""
