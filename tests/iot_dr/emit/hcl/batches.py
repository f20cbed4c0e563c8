"""How often hypothesis runs a test in which Terraform runs."""

from hypothesis import HealthCheck, Phase, settings

# Each example is as many cases as one run of Terraform takes; to look for the smallest that fails
# would be many runs.
batches = settings(
    max_examples=3,
    phases=[Phase.generate],
    suppress_health_check=[
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
        HealthCheck.large_base_example,
        HealthCheck.too_slow,
    ],
)
