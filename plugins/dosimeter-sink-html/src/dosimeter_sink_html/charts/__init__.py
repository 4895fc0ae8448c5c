"""Charts as static SVG: small functions give shapes with their places, one template draws them."""
