# The values are in design.auto.tfvars.json, written from the blueprint.

variable "name" {
  type        = string
  description = "Name of the system, as a DNS label."
}

variable "region" {
  type        = string
  description = "Main region."
}

variable "rollout" {
  type        = string
  description = "How a new version replaces the old: restart, rolling, blue-green or canary."
  default     = "rolling"
}

variable "image" {
  type        = string
  description = "Image of the release, named by its digest."
}

variable "services" {
  description = "The product's own processes."
  type = map(object({
    millicores  = number
    memory_mb   = number
    copies      = number
    most_copies = number
    concurrency = number
    answers     = bool
    timeout_s   = number
    environment = map(string)
  }))
}

variable "databases" {
  description = "Relational databases."
  type = map(object({
    engine          = string
    version         = string
    millicores      = number
    memory_mb       = number
    storage_gb      = number
    most_storage_gb = number
    standby         = bool
    read_replicas   = number
  }))
  default = {}
}

variable "caches" {
  description = "Caches and queues in memory."
  type = map(object({
    memory_mb = number
    standby   = bool
    evicts    = bool
  }))
  default = {}
}

variable "queues" {
  description = "Queues."
  type        = set(string)
  default     = []
}

variable "tables" {
  description = "Tables of a key-value store."
  type        = set(string)
  default     = []
}

variable "buckets" {
  description = "Stores of files."
  type        = set(string)
  default     = []
}

variable "project" {
  type        = string
  description = "Project that everything is made in."
}
