//! Terraform and OpenTofu.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use hcl_edit::structure::{Block, BlockLabel, Body};

use super::cloud::{self, Resource};
use super::hcl::{Reader, Scope};
use crate::extract::Extractor;
use crate::secret::{is_key, judge, tell};
use crate::sighting::Platform;
use crate::source::{Sightings, Source};
use crate::yaml::{Node, Value};

/// Reads `*.tf` and `*.tofu`.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "terraform",
    reads: |path| path.ends_with(".tf") || path.ends_with(".tofu"),
    sees: cloud::SEES,
    extract,
};

/// Most files of a module that are read for its variables.
const FILES: usize = 64;

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() || !worth_parsing(source.text) {
        return;
    }
    let Ok(body) = hcl_edit::parser::parse_body(source.text) else { return };
    let scope = scope(source);
    let reader = Reader::new(source.text, &scope);
    for block in body.blocks() {
        declaration(block, &reader, out);
    }
}

/// Files of outputs and providers alone tell nothing.
fn worth_parsing(text: &str) -> bool {
    ["resource", "module", "variable", "data"].iter().any(|word| text.contains(word))
}

fn declaration(block: &Block, reader: &Reader<'_>, out: &mut Sightings) {
    let (line, until) = reader.lines(block);
    let label = |i: usize| block.labels.get(i).map_or("", BlockLabel::as_str);
    let body = reader.body(&block.body, line);
    let platform = Platform::Terraform;
    match block.ident.as_str() {
        "resource" => {
            let resource = Resource { of: label(0), label: label(1), line, until, body: &body, platform };
            cloud::resource(&resource, out);
        }
        "data" if label(0) == "aws_iam_policy_document" => {
            let resource = Resource { of: label(0), label: label(1), line, until, body: &body, platform };
            cloud::resource(&resource, out);
        }
        "module" => {
            let of = body.text_of("source").and_then(cloud::type_of_module);
            let local = body.text_of("source").is_some_and(|s| s.starts_with("./") || s.starts_with("../"));
            let resource =
                Resource { of: of.unwrap_or("module"), label: label(0), line, until, body: &body, platform };
            match of {
                Some(_) => cloud::module(&resource, out),
                None if local => cloud::local_module(&resource, out),
                None => {}
            }
        }
        "variable" => variable(label(0), &body, out),
        _ => {}
    }
}

/// A variable of a secret with a literal default.
fn variable(name: &str, body: &Node, out: &mut Sightings) {
    let Some(node) = body.get("default") else { return };
    let Some(value) = node.text().filter(|v| is_key(name) && !v.contains('{')) else { return };
    tell(judge(value), name, "literal value", node.line, out);
}

thread_local! {
    /// The module that was read last: the files of a module are read one after the other.
    static LAST: RefCell<Option<(PathBuf, Rc<Scope>)>> = const { RefCell::new(None) };
}

/// What variables and locals of the file's module stand for.
fn scope(source: &Source<'_>) -> Rc<Scope> {
    // A file that is not on any disk is a module of its own.
    if !source.tree.root.is_dir() {
        return Rc::new(read_scope(source));
    }
    let key = source.tree.root.join(source.folder());
    LAST.with_borrow_mut(|last| match last {
        Some((known, scope)) if *known == key => Rc::clone(scope),
        _ => {
            let scope = Rc::new(read_scope(source));
            *last = Some((key, Rc::clone(&scope)));
            scope
        }
    })
}

fn read_scope(source: &Source<'_>) -> Scope {
    let folder = source.folder();
    let names = source.tree.directly_in(folder).map(|f| f.path.as_str());
    let mut bodies: Vec<(Body, bool)> = Vec::new();
    for path in names.filter(|p| is_of_module(p)).take(FILES) {
        let values = path.ends_with(".tfvars");
        let text = if path == source.path { Some(source.text.to_owned()) } else { source.read(path) };
        let Some(text) = text.filter(|t| values || t.contains("variable") || t.contains("locals")) else {
            continue;
        };
        if let Ok(body) = hcl_edit::parser::parse_body(&text) {
            bodies.push((body, values));
        }
    }
    let mut scope = Scope::default();
    for (body, _) in bodies.iter().filter(|(_, values)| !values) {
        defaults(body, &mut scope.variables);
    }
    for (body, _) in bodies.iter().filter(|(_, values)| *values) {
        let empty = Scope::default();
        for (key, value) in pairs(&Reader::new("", &empty).body(body, 1)) {
            scope.variables.insert(key, value);
        }
    }
    // Locals may stand on locals: twice is enough for those that people write.
    for _ in 0..2 {
        let mut locals = BTreeMap::new();
        let reader = Reader::new("", &scope);
        for block in bodies.iter().flat_map(|(body, _)| body.get_blocks("locals")) {
            locals.extend(pairs(&reader.body(&block.body, 1)));
        }
        scope.locals = locals;
    }
    scope
}

fn is_of_module(path: &str) -> bool {
    path.ends_with(".tf")
        || path.ends_with(".tofu")
        || path.ends_with("terraform.tfvars")
        || path.ends_with(".auto.tfvars")
}

fn pairs(node: &Node) -> Vec<(String, Node)> {
    match &node.value {
        Value::Map(pairs) => pairs.clone(),
        _ => Vec::new(),
    }
}

fn defaults(body: &Body, into: &mut BTreeMap<String, Node>) {
    let empty = Scope::default();
    let reader = Reader::new("", &empty);
    for block in body.get_blocks("variable") {
        let Some(name) = block.labels.first() else { continue };
        if let Some(default) = block.body.get_attribute("default") {
            into.insert(name.as_str().to_owned(), reader.node(&default.value, 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::{Deployed, Seen, Sighting};
    use crate::testing::{practices, reaches, see, see_all};

    fn deployed(seen: &[Sighting]) -> Vec<&Deployed> {
        seen.iter()
            .filter_map(|s| match &s.seen {
                Seen::Deployed(d) => Some(d.as_ref()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_database_with_its_variables() {
        let seen = see_all(&[
            (
                "infra/variables.tf",
                "variable \"retention\" {\n  default = 0\n}\nvariable \"db_password\" {\n  default = \"hunter22\"\n}\nlocals {\n  prefix = \"shop\"\n}\n",
            ),
            (
                "infra/main.tf",
                "resource \"aws_db_instance\" \"orders\" {\n  identifier = \"${local.prefix}-orders\"\n  engine = \"postgres\"\n  engine_version = \"15.4\"\n  backup_retention_period = var.retention\n  publicly_accessible = true\n  multi_az = true\n  password = var.db_password\n}\n",
            ),
        ]);
        let db = deployed(&seen)[0];
        assert_eq!(
            (db.name.as_str(), db.technology.as_deref(), db.version.as_deref()),
            ("orders-db", Some("postgresql"), Some("15.4"))
        );
        assert_eq!(
            (db.hosts.as_slice(), db.replicas, db.managed),
            (&["shop-orders".to_owned()][..], Some(2), true)
        );
        let all = practices(&seen);
        for expected in [
            "EncryptionAtRest Absent orders",
            "Backup Absent orders",
            "Exposure Present orders",
            "LiteralSecret Present password",
            "LiteralSecret Present db_password",
        ] {
            assert!(all.contains(&expected.to_owned()), "{expected}: {all:?}");
        }
        assert!(!format!("{seen:?}").contains("hunter22"));
    }

    #[test]
    fn queues_functions_and_tasks_refer_to_each_other() {
        let seen = see(
            "main.tf",
            r#"
resource "aws_sqs_queue" "orders" {}
resource "aws_sqs_queue" "orders_dlq" {}
resource "aws_lambda_function" "worker" {
  memory_size = 256
  environment {
    variables = {
      QUEUE_URL = aws_sqs_queue.orders.url
      API_KEY   = "sk-live-123456"
    }
  }
}
resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = aws_sqs_queue.orders.arn
  function_name    = aws_lambda_function.worker.arn
}
resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([{
    name  = "api"
    image = "shop/api:latest"
    portMappings = [{ containerPort = 8080 }]
    environment = [{ name = "DB_HOST", value = aws_db_instance.main.address }]
  }])
}
"#,
        );
        let all = deployed(&seen);
        let names: Vec<&str> = all.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["orders-queue", "orders-dlq", "worker", "api"]);
        assert_eq!(all[2].env[0].1, "orders-queue");
        assert_eq!(all[2].env[1].1, "***");
        assert_eq!((all[3].env[0].1.as_str(), all[3].ports[0].inside), ("db", 8080));
        assert_eq!(reaches(&seen), ["Consume orders-queue"]);
        let practices = practices(&seen);
        assert!(practices.contains(&"DeadLetter Absent orders".to_owned()), "{practices:?}");
        assert!(!practices.contains(&"DeadLetter Absent orders_dlq".to_owned()), "{practices:?}");
        assert!(practices.contains(&"ImagePin Absent shop/api:latest".to_owned()), "{practices:?}");
    }

    #[test]
    fn open_firewalls_wildcards_and_listeners() {
        let seen = see(
            "net.tf",
            r#"
resource "aws_security_group" "db" {
  ingress {
    from_port   = 5432
    to_port     = 5432
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    cidr_blocks = ["0.0.0.0/0"]
  }
}
data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}
resource "aws_lb_listener" "http" {
  port     = 80
  protocol = "HTTP"
  default_action { type = "forward" }
}
module "cache" {
  source = "terraform-aws-modules/elasticache/aws"
  engine = "valkey"
}
"#,
        );
        assert_eq!(practices(&seen), ["Exposure Present 5432", "GrantedRights Weak p", "Tls Absent 80"]);
        assert_eq!(deployed(&seen)[0].technology.as_deref(), Some("valkey"));
    }

    #[test]
    fn odd_files_end() {
        for text in [
            "resource",
            "resource \"a\" {",
            "resource \"aws_db_instance\" \"x\" { engine = \"${\" }",
            "variable \"a\" { default = var.a }",
        ] {
            let _ = see("a.tf", text);
        }
    }
}
