"""Permissions on the tables with the data of devices."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import Permission

_TABLE = ("arn:aws:dynamodb:{region}:{account}:table/{name}",)
_REPLICATION = "replication.dynamodb.amazonaws.com"
_REPLICATOR = f"aws-service-role/{_REPLICATION}/AWSServiceRoleForDynamoDBReplication"
_READ = (
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTable",
    "dynamodb:ListTagsOfResource",
)
# Terraform compares with the key that AWS manages, which it knows by an alias and IAM by its id.
_DEFAULT_KEY = Permission(
    resources=("arn:aws:kms:{region}:{account}:key/*",), read=("kms:DescribeKey",)
)
_KEEP = (
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
)

DATA: Final[Mapping[str, tuple[Permission, ...]]] = {
    # Terraform refuses to destroy a table, and so does this; a replica goes with its region.
    "aws_dynamodb_table": (
        Permission(
            resources=_TABLE,
            read=(*_READ, "dynamodb:DescribeTimeToLive"),
            write=("dynamodb:CreateTable", *_KEEP),
            is_placed=True,
        ),
        _DEFAULT_KEY,
        # Made with the first replica of the account:
        # docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2gt_IAM.html
        Permission(
            resources=(f"arn:aws:iam::{{account}}:role/{_REPLICATOR}",),
            write=("iam:CreateServiceLinkedRole",),
            condition={"StringEquals": {"iam:AWSServiceName": _REPLICATION}},
            is_regional=False,
        ),
    ),
    # A part of its table's resource, with permissions where it stands: the page above says of which
    # items it is made, which DynamoDB asks for in the name of whoever makes it.
    "aws_dynamodb_table_replica": (
        Permission(
            resources=_TABLE,
            read=_READ,
            write=(
                "dynamodb:BatchWriteItem",
                "dynamodb:CreateTable",
                "dynamodb:CreateTableReplica",
                "dynamodb:DeleteItem",
                "dynamodb:DeleteTable",
                "dynamodb:DeleteTableReplica",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
                *_KEEP,
            ),
            is_placed=True,
        ),
        _DEFAULT_KEY,
    ),
}
