"""A story to try Candidly with: Northlane Care, its team, its candidates, and what they wrote to each other."""
