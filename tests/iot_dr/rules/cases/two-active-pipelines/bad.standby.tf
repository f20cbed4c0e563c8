provider "aws" {
  region = "eu-central-1"
}

resource "aws_codepipeline" "rollout" {
  name           = "rollout-eu-central-1"
  role_arn       = "arn:aws:iam::111111111111:role/rollout-eu-central-1"
  pipeline_type  = "V2"
  execution_mode = "QUEUED"

  artifact_store {
    location = "example-artifacts-eu-central-1"
    type     = "S3"
  }

  stage {
    name = "Source"

    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["Source"]

      configuration = {
        ConnectionArn    = "arn:aws:codeconnections:eu-central-1:111111111111:connection/00000000-0000-4000-8000-000000000001"
        FullRepositoryId = "example/iot-platform"
        BranchName       = "main"
        DetectChanges    = "true"
      }
    }
  }

  stage {
    name = "Apply"

    action {
      name            = "Apply"
      category        = "Build"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["Source"]

      configuration = {
        ProjectName = "apply-eu-central-1"
      }
    }
  }
}
