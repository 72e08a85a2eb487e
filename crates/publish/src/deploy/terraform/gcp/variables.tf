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

variable "tokens" {
  type        = bool
  description = "Whether the processes check tokens that somebody signs."
  default     = true
}

variable "auth_issuer" {
  type        = string
  description = "Who signs the tokens: the value of their claim iss."
  default     = ""

  validation {
    condition     = !var.tokens || var.auth_issuer != ""
    error_message = "The processes check tokens: say who signs them."
  }
}

variable "auth_audience" {
  type        = string
  description = "Whom tokens are meant for: the value of their claim aud."
  default     = ""

  validation {
    condition     = !var.tokens || var.auth_audience != ""
    error_message = "The processes check tokens: say whom they are meant for."
  }
}

variable "otlp_endpoint" {
  type        = string
  description = "Where traces are sent by OTLP over HTTP, such as http://collector.internal:4318: a collector with ../observability/collector.yaml, or your monitoring service."
  default     = ""
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
    reaches     = set(string)
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
