"""Drawings of an environment's stacks: by what each needs, or by the waves of its rollout."""
