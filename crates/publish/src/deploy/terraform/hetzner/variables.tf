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

variable "tokens" {
  type        = bool
  description = "Whether the processes check tokens that somebody signs."
  default     = true
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
    secrets     = list(string)
  }))
}

variable "databases" {
  description = "Relational databases."
  type = map(object({
    engine        = string
    version       = string
    millicores    = number
    memory_mb     = number
    storage_gb    = number
    standby       = bool
    read_replicas = number
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

variable "administrators" {
  type        = set(string)
  description = "Networks that administrators come from, such as 203.0.113.7/32."
  default     = []
}

variable "ssh_keys" {
  type        = list(string)
  description = "Names of the keys of administrators."
}

variable "certificate_id" {
  type        = number
  description = "Certificate of the host name that callers use."
  default     = null
}
