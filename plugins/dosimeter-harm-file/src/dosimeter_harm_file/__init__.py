"""A team's own requests and policy as a category of dosimeter."""
