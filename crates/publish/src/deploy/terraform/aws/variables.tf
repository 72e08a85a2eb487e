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

variable "outside_ports" {
  description = "Ports beside 443 of stores that others run outside of this network."
  type        = list(number)
  default     = []
}

variable "backup_days" {
  type        = number
  description = "Days that backups of databases and old versions of files are kept, as the documents promise: what was erased is gone after them."
  default     = 14
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
  description = "Where metrics, traces and logs are sent by OTLP over HTTPS, port 443: your monitoring service. With it a collector runs beside each process; without it nobody hears them, and no alert has data."
  default     = ""
}

variable "collector" {
  description = "The collector beside each process: its image, and its configuration by the name of the process."
  type = object({
    image   = string
    configs = map(string)
  })
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

variable "web_origins" {
  description = "Origins of the web client, such as https://app.example.com: their pages may use links to the stores of files."
  type        = set(string)
  default     = []
}

variable "log_days" {
  type        = number
  description = "Days that logs are kept, those of processes, network, firewall and edge alike: they hold addresses of people and what they asked for. One of the values that CloudWatch takes, such as 14, 30, 60 or 90."
  default     = 30
}
