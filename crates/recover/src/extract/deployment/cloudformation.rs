//! CloudFormation and SAM templates, in YAML and JSON.

use std::collections::BTreeMap;

use super::cloud::snake;
use super::cloud::{self, Resource};
use crate::extract::Extractor;
use crate::sighting::{Endpoint, Platform, Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::yaml::{self, Node, Value};

/// Reads templates. Which YAML files are templates shows only inside, so no aspect counts as looked for.
pub(super) const EXTRACTOR: Extractor = Extractor { id: "cloudformation", reads, sees: &[], extract };

fn reads(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let json = name.ends_with(".json")
        && ["template", "cloudformation", "cfn", "stack"]
            .iter()
            .any(|w| path.to_ascii_lowercase().contains(w));
    name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".template") || json
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if !source.text.contains("AWS::") || source.is_test() {
        return;
    }
    let text = if source.text.trim_start().starts_with('{') {
        source.text.replace('\t', " ")
    } else {
        source.text.to_owned()
    };
    let Some(root) = yaml::document(&text) else { return };
    let Some(resources) = root.get("Resources") else { return };
    template(resources, root.get("Parameters"), root.at(&["Globals", "Function"]), out);
}

/// Tells of the resources of a template.
pub(super) fn template(
    resources: &Node,
    parameters: Option<&Node>,
    globals: Option<&Node>,
    out: &mut Sightings,
) {
    let names = Names::of(resources, parameters);
    let globals = globals.map(|g| names.written(g));
    for (label, resource) in resources.pairs() {
        let Some(of) = resource.text_of("Type") else { continue };
        let Some(properties) = resource.get("Properties") else {
            bare(label, of, resource.line, out);
            continue;
        };
        let written = names.written(properties);
        let body =
            with_globals(snake(&written), globals.as_ref().filter(|_| of == "AWS::Serverless::Function"));
        let Some(of) = terraform_type(of) else { continue };
        let (line, until) = (resource.line.saturating_sub(1).max(1), last_line(resource));
        let resource = Resource { of, label, line, until, body: &body, platform: Platform::CloudFormation };
        cloud::resource(&resource, out);
        if of == "aws_lambda_function" {
            events(label, &body, out);
        }
    }
}

fn bare(label: &str, of: &str, line: usize, out: &mut Sightings) {
    if let Some(of) = terraform_type(of) {
        let body = Node { line, tag: None, value: Value::Map(Vec::new()) };
        let platform = Platform::CloudFormation;
        cloud::resource(&Resource { of, label, line, until: line, body: &body, platform }, out);
    }
}

fn last_line(node: &Node) -> usize {
    node.flat().iter().map(|(_, _, line)| *line).max().unwrap_or(node.line)
}

/// Values of the section `Globals` under those of the function itself.
fn with_globals(mut body: Node, globals: Option<&Node>) -> Node {
    let Some(globals) = globals.map(snake) else { return body };
    if let (Value::Map(own), Value::Map(shared)) = (&mut body.value, globals.value) {
        for (key, value) in shared {
            if !own.iter().any(|(k, _)| *k == key) {
                own.push((key, value));
            }
        }
    }
    body
}

/// Terraform's name of a type.
fn terraform_type(of: &str) -> Option<&'static str> {
    const TYPES: &[(&str, &str)] = &[
        ("AWS::RDS::DBInstance", "aws_db_instance"),
        ("AWS::RDS::DBCluster", "aws_rds_cluster"),
        ("AWS::RDS::DBProxy", "aws_db_proxy"),
        ("AWS::DynamoDB::Table", "aws_dynamodb_table"),
        ("AWS::DynamoDB::GlobalTable", "aws_dynamodb_table"),
        ("AWS::Serverless::SimpleTable", "aws_dynamodb_table"),
        ("AWS::DocDB::DBCluster", "aws_docdb_cluster"),
        ("AWS::Neptune::DBCluster", "aws_neptune_cluster"),
        ("AWS::Redshift::Cluster", "aws_redshift_cluster"),
        ("AWS::ElastiCache::CacheCluster", "aws_elasticache_cluster"),
        ("AWS::ElastiCache::ReplicationGroup", "aws_elasticache_replication_group"),
        ("AWS::ElastiCache::ServerlessCache", "aws_elasticache_serverless_cache"),
        ("AWS::MemoryDB::Cluster", "aws_memorydb_cluster"),
        ("AWS::OpenSearchService::Domain", "aws_opensearch_domain"),
        ("AWS::Elasticsearch::Domain", "aws_elasticsearch_domain"),
        ("AWS::SQS::Queue", "aws_sqs_queue"),
        ("AWS::SNS::Topic", "aws_sns_topic"),
        ("AWS::SNS::Subscription", "aws_sns_topic_subscription"),
        ("AWS::Kinesis::Stream", "aws_kinesis_stream"),
        ("AWS::KinesisFirehose::DeliveryStream", "aws_kinesis_firehose_delivery_stream"),
        ("AWS::MSK::Cluster", "aws_msk_cluster"),
        ("AWS::AmazonMQ::Broker", "aws_mq_broker"),
        ("AWS::Events::EventBus", "aws_cloudwatch_event_bus"),
        ("AWS::S3::Bucket", "aws_s3_bucket"),
        ("AWS::EFS::FileSystem", "aws_efs_file_system"),
        ("AWS::Lambda::Function", "aws_lambda_function"),
        ("AWS::Serverless::Function", "aws_lambda_function"),
        ("AWS::Lambda::EventSourceMapping", "aws_lambda_event_source_mapping"),
        ("AWS::Lambda::Url", "aws_lambda_function_url"),
        ("AWS::ECS::Service", "aws_ecs_service"),
        ("AWS::ECS::TaskDefinition", "aws_ecs_task_definition"),
        ("AWS::AppRunner::Service", "aws_apprunner_service"),
        ("AWS::ElasticBeanstalk::Environment", "aws_elastic_beanstalk_environment"),
        ("AWS::EC2::Instance", "aws_instance"),
        ("AWS::EC2::SecurityGroup", "aws_security_group"),
        ("AWS::EC2::SecurityGroupIngress", "aws_vpc_security_group_ingress_rule"),
        ("AWS::StepFunctions::StateMachine", "aws_sfn_state_machine"),
        ("AWS::Serverless::StateMachine", "aws_sfn_state_machine"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "aws_lb"),
        ("AWS::ElasticLoadBalancingV2::Listener", "aws_lb_listener"),
        ("AWS::ElasticLoadBalancingV2::TargetGroup", "aws_lb_target_group"),
        ("AWS::ElasticLoadBalancing::LoadBalancer", "aws_elb"),
        ("AWS::ApiGateway::RestApi", "aws_api_gateway_rest_api"),
        ("AWS::ApiGateway::Method", "aws_api_gateway_method"),
        ("AWS::ApiGateway::UsagePlan", "aws_api_gateway_usage_plan"),
        ("AWS::ApiGateway::Stage", "aws_api_gateway_stage"),
        ("AWS::Serverless::Api", "aws_api_gateway_rest_api"),
        ("AWS::Serverless::HttpApi", "aws_apigatewayv2_api"),
        ("AWS::ApiGatewayV2::Api", "aws_apigatewayv2_api"),
        ("AWS::ApiGatewayV2::Route", "aws_apigatewayv2_route"),
        ("AWS::ApiGatewayV2::Integration", "aws_apigatewayv2_integration"),
        ("AWS::ApiGatewayV2::Stage", "aws_apigatewayv2_stage"),
        ("AWS::AppSync::GraphQLApi", "aws_appsync_graphql_api"),
        ("AWS::CloudFront::Distribution", "aws_cloudfront_distribution"),
        ("AWS::Cognito::UserPool", "aws_cognito_user_pool"),
        ("AWS::SecretsManager::Secret", "aws_secretsmanager_secret"),
        ("AWS::IAM::Role", "aws_iam_role"),
        ("AWS::IAM::Policy", "aws_iam_policy"),
        ("AWS::IAM::ManagedPolicy", "aws_iam_policy"),
        ("AWS::S3::BucketPolicy", "aws_s3_bucket_policy"),
        ("AWS::SQS::QueuePolicy", "aws_sqs_queue_policy"),
        ("AWS::CloudWatch::Alarm", "aws_cloudwatch_metric_alarm"),
        ("AWS::Logs::LogGroup", "aws_cloudwatch_log_group"),
        ("AWS::WAFv2::WebACL", "aws_wafv2_web_acl"),
        ("AWS::Backup::BackupPlan", "aws_backup_plan"),
    ];
    TYPES.iter().find(|(name, _)| *name == of).map(|(_, t)| *t)
}

/// What a function of SAM answers to.
fn events(label: &str, body: &Node, out: &mut Sightings) {
    let of = cloud::name_of("aws_lambda_function", label);
    for (_, event) in body.get("events").map(Node::pairs).unwrap_or_default() {
        let Some(properties) = event.get("properties") else { continue };
        let text = |key: &str| properties.text_of(key).map(str::to_owned);
        match event.text_of("type") {
            Some("Api" | "HttpApi") => {
                let Some(path) = text("path") else { continue };
                let method =
                    text("method").map(|m| m.to_ascii_uppercase()).filter(|m| m != "ANY" && m != "*");
                let handler = body.text_of("handler").map(str::to_owned);
                let endpoint = Endpoint {
                    of: Some(of.clone()),
                    method,
                    path: path.replace("+}", "}"),
                    handler,
                    ..Endpoint::default()
                };
                out.span(event.line, last_line(event), Seen::Endpoint(endpoint));
            }
            Some(kind @ ("SQS" | "SNS" | "Kinesis" | "DynamoDB" | "MSK" | "S3")) => {
                let keys = ["queue", "topic", "stream", "bucket"];
                let Some(target) = keys.iter().find_map(|k| text(k)) else { continue };
                let mut reach = Reach::new(ReachKind::Consume, target, "");
                reach.of = Some(of.clone());
                reach.technology = Some(kind.to_ascii_lowercase());
                out.span(event.line, last_line(event), Seen::Reach(Box::new(reach)));
            }
            _ => {}
        }
    }
}

/// What names of a template stand for.
struct Names {
    parameters: BTreeMap<String, String>,
    resources: BTreeMap<String, String>,
}

impl Names {
    fn of(resources: &Node, parameters: Option<&Node>) -> Self {
        let defaults = parameters.map(Node::pairs).unwrap_or_default().iter();
        let named = resources.pairs().iter().filter_map(|(label, resource)| {
            let of = terraform_type(resource.text_of("Type")?)?;
            let name = if cloud::is_deployed(of) { cloud::name_of(of, label) } else { return None };
            Some((label.clone(), name))
        });
        Self {
            parameters: defaults
                .filter_map(|(k, p)| Some((k.clone(), p.text_of("Default")?.to_owned())))
                .collect(),
            resources: named.collect(),
        }
    }

    fn value(&self, name: &str) -> String {
        let first = name.split('.').next().unwrap_or(name);
        let known = self.resources.get(first).or_else(|| self.parameters.get(name));
        known.cloned().unwrap_or_else(|| format!("{{{name}}}"))
    }

    /// A value with its functions written out.
    fn written(&self, node: &Node) -> Node {
        let scalar = |text: String| Node { line: node.line, tag: None, value: Value::Scalar(text) };
        if let Some(tag) = &node.tag {
            return self.function(tag, node).unwrap_or_else(|| scalar(format!("{{{tag}}}")));
        }
        match &node.value {
            Value::Scalar(_) => node.clone(),
            Value::List(list) => {
                let list = list.iter().map(|n| self.written(n)).collect();
                Node { line: node.line, tag: None, value: Value::List(list) }
            }
            Value::Map(pairs) => {
                if let [(key, value)] = pairs.as_slice()
                    && (key == "Ref" || key.starts_with("Fn::"))
                {
                    let name = key.trim_start_matches("Fn::");
                    return self.function(name, value).unwrap_or_else(|| scalar(format!("{{{name}}}")));
                }
                let pairs = pairs.iter().map(|(k, v)| (k.clone(), self.written(v))).collect();
                Node { line: node.line, tag: None, value: Value::Map(pairs) }
            }
        }
    }

    fn function(&self, name: &str, node: &Node) -> Option<Node> {
        let scalar = |text: String| Node { line: node.line, tag: None, value: Value::Scalar(text) };
        let inner = |n: &Node| self.written(&Node { tag: None, ..n.clone() });
        match name {
            "Ref" => node.text().map(|t| scalar(self.value(t))),
            "GetAtt" => {
                let first = node.text().or_else(|| node.list().first().and_then(Node::text))?;
                Some(scalar(self.value(first)))
            }
            "Sub" => {
                let text = node.list().first().and_then(Node::text).or_else(|| node.text())?;
                Some(scalar(self.substituted(text)))
            }
            "Join" => {
                let separator = node.list().first().and_then(|n| match &n.value {
                    Value::Scalar(text) => Some(text.as_str()),
                    _ => None,
                });
                let parts = inner(node.list().get(1)?);
                let parts: Vec<&str> = parts.list().iter().filter_map(Node::text).collect();
                Some(scalar(parts.join(separator.unwrap_or(""))))
            }
            "If" => node.list().get(1).map(|n| self.written(n)),
            "Base64" => Some(inner(node)),
            _ => None,
        }
    }

    /// A text with `${Name}` and `${Name.Arn}` written out.
    fn substituted(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                rest = after;
                break;
            };
            out.push_str(&self.value(name.trim()));
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{endpoints, practices, reaches, see};

    #[test]
    fn a_template_of_sam() {
        let seen = see(
            "template.yaml",
            "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nGlobals:\n  Function:\n    Timeout: 5\n    Environment:\n      Variables:\n        tableName: !Ref Orders\nResources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      PointInTimeRecoverySpecification:\n        PointInTimeRecoveryEnabled: true\n  Work:\n    Type: AWS::SQS::Queue\n  Handler:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: src/\n      Handler: app.handle\n      Policies:\n        - AdministratorAccess\n      Events:\n        Get:\n          Type: Api\n          Properties: { Path: '/orders/{id}', Method: get }\n        Jobs:\n          Type: SQS\n          Properties:\n            Queue: !GetAtt Work.Arn\n",
        );
        assert_eq!(endpoints(&seen), ["GET /orders/{id}"]);
        assert_eq!(reaches(&seen), ["Consume work-queue"]);
        let practices = practices(&seen);
        for expected in ["Backup Present Orders", "DeadLetter Absent Work", "GrantedRights Weak Handler"] {
            assert!(practices.contains(&expected.to_owned()), "{expected}: {practices:?}");
        }
        let env: Vec<_> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Deployed(d) => d.env.first(),
                _ => None,
            })
            .collect();
        assert_eq!((env[0].0.as_str(), env[0].1.as_str()), ("tableName", "orders-table"));
    }

    #[test]
    fn functions_of_json_are_written_out() {
        let seen = see(
            "stack.template.json",
            "{\"Parameters\": {\"Pw\": {\"Default\": \"s3cr3t-x\"}}, \"Resources\": {\"Db\": {\"Type\": \"AWS::RDS::DBInstance\", \"Properties\": {\"Engine\": \"mysql\", \"StorageEncrypted\": true, \"MasterUserPassword\": {\"Ref\": \"Pw\"}, \"PubliclyAccessible\": true}}}}",
        );
        let practices = practices(&seen);
        for expected in [
            "EncryptionAtRest Present Db",
            "Exposure Present Db",
            "LiteralSecret Present master_user_password",
        ] {
            assert!(practices.contains(&expected.to_owned()), "{expected}: {practices:?}");
        }
    }
}
