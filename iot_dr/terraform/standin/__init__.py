"""A stand-in for the AWS provider: the exact schema, plausible values, no account, no network.

Terraform itself is the real one. What AWS decides is unknown until apply and made up then; what
Terraform keeps of it bears a mark in the private data of each resource (`provider.PRIVATE_MARK`),
and a state without the mark is refused. Types that `services` describes also show replacements,
defaults, refused values and sensitive marks; of the others only the schema is known. Nothing here
tells whether AWS would accept a name, a quota or a permission.
"""
