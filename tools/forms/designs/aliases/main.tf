# Two providers passed on through two levels of modules.
provider "aws" {
  alias  = "one"
  region = "us-east-2"
}

provider "aws" {
  alias  = "two"
  region = "us-west-2"
}

module "pair" {
  source = "./pair"

  providers = {
    aws.first  = aws.one
    aws.second = aws.two
  }
}
