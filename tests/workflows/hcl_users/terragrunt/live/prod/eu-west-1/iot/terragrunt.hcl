terraform {
  source = "../../../../modules/region"
}

inputs = {
  region = "eu-west-1"
}
