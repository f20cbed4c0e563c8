terraform {
  source = "../../../../modules/entry"
}

dependency "primary" {
  config_path = "../../eu-west-1/iot"
}

dependency "standby" {
  config_path = "../../eu-central-1/iot"
}

inputs = {
  targets = {
    "eu-west-1"    = { role = "PRIMARY", endpoint = dependency.primary.outputs.endpoint }
    "eu-central-1" = { role = "SECONDARY", endpoint = dependency.standby.outputs.endpoint }
  }
}
