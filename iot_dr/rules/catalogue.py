"""The list of rules."""

from typing import Final

from iot_dr.rules import (
    check_never_passes,
    check_on_failover_name,
    data_does_not_arrive,
    device_data_without_replica,
    device_path_differs,
    failover_not_proved,
    failover_pair_incomplete,
    failover_record_at_apex,
    failover_record_without_check,
    global_table_in_two_states,
    https_check_on_iot_name,
    name_declared_twice,
    name_not_served,
    record_not_accepted,
    recovery_over_target,
    resource_without_provider,
    routing_without_health,
    standby_needs_other_region,
    stateful_resource_destroyed,
    tls_policy_without_1_2,
    two_active_pipelines,
    us_east_1_in_regional_stack,
    validation_record_owned_twice,
    zone_answered_elsewhere,
)
from iot_dr.rules.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    https_check_on_iot_name.RULE,
    check_never_passes.RULE,
    name_not_served.RULE,
    failover_record_at_apex.RULE,
    record_not_accepted.RULE,
    zone_answered_elsewhere.RULE,
    check_on_failover_name.RULE,
    failover_pair_incomplete.RULE,
    failover_record_without_check.RULE,
    routing_without_health.RULE,
    failover_not_proved.RULE,
    validation_record_owned_twice.RULE,
    stateful_resource_destroyed.RULE,
    recovery_over_target.RULE,
    device_path_differs.RULE,
    device_data_without_replica.RULE,
    data_does_not_arrive.RULE,
    standby_needs_other_region.RULE,
    tls_policy_without_1_2.RULE,
    resource_without_provider.RULE,
    global_table_in_two_states.RULE,
    name_declared_twice.RULE,
    us_east_1_in_regional_stack.RULE,
    two_active_pipelines.RULE,
)
"""Every rule, in the order of the documentation."""
