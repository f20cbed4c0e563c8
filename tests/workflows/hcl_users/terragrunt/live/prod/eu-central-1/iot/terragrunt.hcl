terraform {
  source = "../../../../modules/region"
}

inputs = {
  region = "eu-central-1"
}
