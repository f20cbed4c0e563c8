"""The one reader of plans: `terraform show -json` of a plan, for the rules and for the review."""
