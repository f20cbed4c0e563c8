"""Rights to pipelines and what they are made of."""

from collections.abc import Mapping
from typing import Final

from modules.rights.right import Right

_NOTICES = ("arn:aws:codestar-notifications:{region}:{account}:notificationrule/*",)
_OF_PIPELINE = {
    "StringLike": {
        "codestar-notifications:NotificationsForResource": (
            "arn:aws:codepipeline:{region}:{account}:{name}"
        )
    }
}

PIPELINES: Final[Mapping[str, tuple[Right, ...]]] = {
    "aws_codepipeline": (
        Right(
            resources=("arn:aws:codepipeline:{region}:{account}:{name}",),
            read=("codepipeline:GetPipeline", "codepipeline:ListTagsForResource"),
            write=(
                "codepipeline:CreatePipeline",
                "codepipeline:DeletePipeline",
                "codepipeline:TagResource",
                "codepipeline:UntagResource",
                "codepipeline:UpdatePipeline",
            ),
        ),
    ),
    "aws_codebuild_project": (
        Right(
            resources=("arn:aws:codebuild:{region}:{account}:project/{name}",),
            read=("codebuild:BatchGetProjects",),
            write=(
                "codebuild:CreateProject",
                "codebuild:DeleteProject",
                "codebuild:UpdateProject",
            ),
        ),
    ),
    "aws_codestarnotifications_notification_rule": (
        Right(
            resources=_NOTICES,
            read=("codestar-notifications:DescribeNotificationRule",),
            write=("codestar-notifications:TagResource", "codestar-notifications:UntagResource"),
        ),
        Right(
            resources=_NOTICES,
            write=(
                "codestar-notifications:CreateNotificationRule",
                "codestar-notifications:DeleteNotificationRule",
                "codestar-notifications:Subscribe",
                "codestar-notifications:Unsubscribe",
                "codestar-notifications:UpdateNotificationRule",
            ),
            condition=_OF_PIPELINE,
        ),
    ),
}
