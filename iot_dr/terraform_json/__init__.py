"""Resources as Terraform's JSON tells them: synthesized, planned or in state, ours or not."""
