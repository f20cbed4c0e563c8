"""Permissions on pipelines and what they are made of."""

from collections.abc import Mapping
from typing import Final

from modules.permissions.permission import Permission

PIPELINES: Final[Mapping[str, tuple[Permission, ...]]] = {
    "aws_codepipeline": (
        Permission(
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
        Permission(
            resources=("arn:aws:codebuild:{region}:{account}:project/{name}",),
            read=("codebuild:BatchGetProjects",),
            write=(
                "codebuild:CreateProject",
                "codebuild:DeleteProject",
                "codebuild:UpdateProject",
            ),
        ),
    ),
}
