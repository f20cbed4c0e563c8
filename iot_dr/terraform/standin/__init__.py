"""A stand-in for the AWS provider: the exact schema, plausible values, no account, no network.

Terraform itself is the real one. What AWS decides is unknown until apply and generated then. Each
resource in a state carries a mark in its private data (`provider.PRIVATE_MARK`), and a state
without the mark is refused. Types that `services` describes also have replacements, defaults,
validation and sensitive marks; of the others only the schema is known. Nothing here shows whether
AWS would accept a name, a quota or a permission.
"""
