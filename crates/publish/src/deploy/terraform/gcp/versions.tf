terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
  }

  # Keep the state where the team shares it.
  backend "gcs" {}
}

provider "google" {
  project = var.project
  region  = var.region
}
