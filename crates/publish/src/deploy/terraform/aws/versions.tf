terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # Keep the state where the team shares it, encrypted and locked.
  backend "s3" {}
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      system     = var.name
      managed_by = "terraform"
    }
  }
}
