terraform {
  required_version = ">= 1.9"

  required_providers {
    hcloud = {
      source  = "hetznercloud/hcloud"
      version = "~> 1.50"
    }
  }

  # Keep the state where the team shares it: any store that speaks S3 will do.
  backend "s3" {}
}

# The token comes from the environment: HCLOUD_TOKEN.
provider "hcloud" {}
