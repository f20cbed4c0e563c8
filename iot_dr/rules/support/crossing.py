"""What reaches into another region to bring data over, and is not asked while devices are served.

When the other region is lost, the copy stops growing and what is there goes on serving:
docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/
disaster-recovery-options-in-the-cloud.html. The arguments are those of
registry.terraform.io/providers/hashicorp/aws/latest/docs.
"""

from collections.abc import Mapping
from typing import Any, Final

from iot_dr.terraform_json.expression import texts
from iot_dr.terraform_json.resource import Resource

_TYPES: Final = (
    # A table, a key or a secret that is one thing in several regions, each with its own copy.
    "aws_dynamodb_global_table",
    "aws_dynamodb_table_replica",
    "aws_kms_replica_",
    # The frame around clusters of several regions, each of which answers reads by itself.
    "aws_docdb_global_cluster",
    "aws_elasticache_global_replication_group",
    "aws_memorydb_multi_region_cluster",
    "aws_neptune_global_cluster",
    "aws_rds_global_cluster",
    # Copies in the background; a reader of the copy asks its own region.
    "aws_backup_plan",
    "aws_datasync_",
    "aws_db_instance_automated_backups_replication",
    "aws_db_snapshot_copy",
    "aws_dms_",
    "aws_ebs_snapshot_copy",
    "aws_ecr_replication_configuration",
    "aws_efs_replication_configuration",
    "aws_msk_replicator",
    "aws_redshift_snapshot_copy",
    "aws_s3_bucket_replication_configuration",
    # One name for buckets of several regions, which leaves out the one that is lost.
    "aws_s3control_multi_region_access_point",
    # A way between networks: what goes over it is another resource's matter.
    "aws_ec2_transit_gateway_peering_attachment",
    "aws_networkmanager_",
    "aws_vpc_peering_connection",
)
_ARGUMENTS: Final = frozenset(
    (
        # A replica names what it follows; it can be promoted without it.
        *("replicate_source_db", "replication_source_identifier"),
        # A member names its frame, which belongs to no single region.
        *("global_cluster_identifier", "global_replication_group_id"),
        "multi_region_cluster_name",
        # Replicas and rules inside the source.
        *("replica", "replication_configuration", "snapshot_copy"),
        # A route or a firewall's rule lets traffic through and needs none.
        *("vpc_peering_connection_id", "transit_gateway_attachment_id", "core_network_arn"),
        *("cidr_block", "ipv6_cidr_block", "cidr_blocks", "ipv6_cidr_blocks"),
        *("cidr_ipv4", "cidr_ipv6", "destination_cidr_block", "destination_ipv6_cidr_block"),
    )
)
# The rights of a replication's own role (docs.aws.amazon.com/AmazonS3/latest/userguide/
# setting-repl-config-perm-overview.html; docs.aws.amazon.com/AmazonECR/latest/userguide/
# registry-permissions-examples.html).
_ACTIONS: Final = (
    "s3:replicate",
    "s3:objectowneroverridetobucketowner",
    "ecr:replicateimage",
)


def is_crossing(resource: Resource) -> bool:
    """Tell whether a resource is made to bring data, or a way for it, over from another region."""
    return resource.type.startswith(_TYPES)


def brings_over(path: str) -> bool:
    """Tell whether an argument, by its dotted path, names what data comes from or goes to."""
    return not _ARGUMENTS.isdisjoint(path.split("."))


def allows_replication_alone(statement: Mapping[str, Any]) -> bool:
    """Tell whether a statement of a policy allows no more than to replicate."""
    actions = texts(statement.get("Action"))
    return bool(actions) and all(each.lower().startswith(_ACTIONS) for each in actions)
