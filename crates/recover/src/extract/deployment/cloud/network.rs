//! Networks: firewalls, load balancers, gateways of APIs.

use loadcase_model::{Aspect, State};

use super::{About, Ask, Resource, kinds, name_of};
use crate::sighting::{Endpoint, Reach, ReachKind, Seen};
use crate::source::Sightings;
use crate::yaml::Node;

/// Tells what a resource of the network shows.
pub(super) fn practices(resource: &Resource<'_>, out: &mut Sightings) {
    firewall(resource, out);
    listeners(resource, out);
    gateways(resource, out);
    limits(resource, out);
}

/// Whether any of the values stands for every address.
fn everybody(node: Option<&Node>) -> bool {
    let any = |t: &str| matches!(t, "0.0.0.0/0" | "::/0" | "*" | "Internet" | "0.0.0.0" | "Any");
    node.is_some_and(|n| n.list().iter().filter_map(Node::text).any(any))
}

fn firewall(resource: &Resource<'_>, out: &mut Sightings) {
    let mut about = About { out, of: None };
    let body = resource.body;
    let mut open = |rule: &Node, from: &str, to: &str, line: usize| {
        let keys = ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ip", "cidr_ipv4", "cidr_ipv6", "cidr_ipv_6"];
        if !keys.iter().any(|k| everybody(rule.get(k))) {
            return;
        }
        let (from, to) = (rule.text_of(from).unwrap_or("0"), rule.text_of(to).unwrap_or("0"));
        let all =
            matches!(rule.text_of("protocol").or_else(|| rule.text_of("ip_protocol")), Some("-1" | "all"));
        let ports = match (all, from == to) {
            (true, _) => "all".to_owned(),
            (false, true) => from.to_owned(),
            (false, false) => format!("{from}-{to}"),
        };
        about.practice(
            line,
            Aspect::Exposure,
            State::Present,
            ports,
            format!("{} lets any address in", resource.label),
        );
    };
    match resource.of {
        "aws_security_group" | "aws_default_security_group" => {
            for rule in body.every("ingress").into_iter().chain(body.every("security_group_ingress")) {
                open(rule, "from_port", "to_port", rule.line);
            }
        }
        "aws_security_group_rule" if body.text_of("type") != Some("egress") => {
            open(body, "from_port", "to_port", resource.line);
        }
        "aws_vpc_security_group_ingress_rule" => open(body, "from_port", "to_port", resource.line),
        "google_compute_firewall"
            if everybody(body.get("source_ranges")) && body.text_of("direction") != Some("EGRESS") =>
        {
            let ports = body.at(&["allow", "ports"]).map(Node::list).unwrap_or_default();
            let ports: Vec<&str> = ports.iter().filter_map(Node::text).collect();
            let subject = if ports.is_empty() { "all".to_owned() } else { ports.join(",") };
            let detail = format!("{} lets any address in", resource.label);
            about.practice(resource.line, Aspect::Exposure, State::Present, subject, detail);
        }
        "azurerm_network_security_rule" | "azurerm_network_security_group" => {
            let rules = match body.every("security_rule") {
                rules if rules.is_empty() => vec![body],
                rules => rules,
            };
            for rule in rules {
                let inbound =
                    rule.text_of("direction") == Some("Inbound") && rule.text_of("access") == Some("Allow");
                if inbound && everybody(rule.get("source_address_prefix")) {
                    let port = rule.text_of("destination_port_range").unwrap_or("all");
                    let detail = format!("{} lets any address in", resource.label);
                    about.practice(rule.line, Aspect::Exposure, State::Present, port, detail);
                }
            }
        }
        of if of.starts_with("azurerm_") && of.ends_with("firewall_rule") => {
            let all = body.text_of("start_ip_address") == Some("0.0.0.0")
                && body.text_of("end_ip_address") == Some("255.255.255.255");
            if all {
                let detail = "any address may connect";
                about.practice(resource.line, Aspect::Exposure, State::Present, resource.label, detail);
            }
        }
        _ => {}
    }
}

fn listeners(resource: &Resource<'_>, out: &mut Sightings) {
    let name = kinds::find(resource.of).map(|_| name_of(resource.of, resource.label));
    let body = resource.body;
    let balancer = body.text_of("load_balancer_arn").filter(|b| !b.contains(['{', ':'])).map(str::to_owned);
    let of = name.or(balancer);
    let mut about = About { out, of: of.as_deref() };
    match resource.of {
        "aws_lb" | "aws_alb" | "aws_elb" => {
            let inside = body.is_yes("internal") || body.text_of("scheme") == Some("internal");
            let (state, detail) =
                if inside { (State::Absent, "internal") } else { (State::Present, "internet-facing") };
            about.practice(resource.line, Aspect::Exposure, state, resource.label, detail);
        }
        "aws_lb_listener" | "aws_alb_listener" => listener(resource, &mut about),
        "aws_cloudfront_distribution" => {
            let behaviours =
                body.every("default_cache_behavior").into_iter().chain(body.every("ordered_cache_behavior"));
            let nested = body.get("distribution_config").and_then(|c| c.get("default_cache_behavior"));
            for behaviour in behaviours.chain(nested) {
                let Some(node) = behaviour.get("viewer_protocol_policy") else { continue };
                let state = if node.text() == Some("allow-all") { State::Absent } else { State::Present };
                about.practice(node.line, Aspect::Tls, state, resource.label, node.text().unwrap_or(""));
            }
            about.practice(
                resource.line,
                Aspect::Exposure,
                State::Present,
                resource.label,
                "internet-facing",
            );
        }
        "aws_lambda_function_url" => {
            let open = body.text_of("authorization_type") == Some("NONE")
                || body.text_of("auth_type") == Some("NONE");
            about.practice(
                resource.line,
                Aspect::Exposure,
                State::Present,
                resource.label,
                "a function's address",
            );
            if open {
                about.practice(
                    resource.line,
                    Aspect::Authentication,
                    State::Absent,
                    resource.label,
                    "authorization NONE",
                );
            }
        }
        "aws_lb_target_group" => {
            if let Some(node) = body.get("health_check").or_else(|| body.get("health_check_path")) {
                let path = node.text_of("path").or_else(|| node.text()).unwrap_or("/");
                about.practice(node.line, Aspect::HealthProbe, State::Present, resource.label, path);
            }
        }
        "google_cloud_run_service_iam_member" | "google_cloud_run_v2_service_iam_member"
            if body.text_of("member") == Some("allUsers") =>
        {
            let detail = "anybody may call";
            about.practice(resource.line, Aspect::Exposure, State::Present, resource.label, detail);
        }
        _ => {}
    }
}

/// A listener of a load balancer: encrypted, in clear text, or only there to redirect.
fn listener(resource: &Resource<'_>, about: &mut About<'_, '_>) {
    let body = resource.body;
    let actions = body.every("default_action").into_iter().chain(body.every("default_actions"));
    let redirects = actions.into_iter().any(|a| a.text_of("type") == Some("redirect"));
    let port = body.text_of("port").unwrap_or(resource.label).to_owned();
    match body.text_of("protocol") {
        Some("HTTPS" | "TLS") => {
            let policy = body.text_of("ssl_policy").unwrap_or("the default policy").to_owned();
            about.practice(resource.line, Aspect::Tls, State::Present, port, policy);
        }
        Some("HTTP") | None if !redirects => {
            about.practice(resource.line, Aspect::Tls, State::Absent, port, "a listener in clear text");
        }
        _ => {}
    }
}

/// Routes and methods of gateways of APIs.
fn gateways(resource: &Resource<'_>, out: &mut Sightings) {
    let body = resource.body;
    let name = |key: &str| body.text_of(key).filter(|v| !v.contains('{')).map(str::to_owned);
    match resource.of {
        "aws_api_gateway_method" => {
            let method = body.text_of("http_method").unwrap_or("ANY").to_owned();
            let api = name("rest_api_id");
            let mut about = About { out, of: api.as_deref() };
            let open = matches!(
                body.text_of("authorization").or_else(|| body.text_of("authorization_type")),
                Some("NONE")
            );
            if open && method != "OPTIONS" && !body.is_yes("api_key_required") {
                about.practice(
                    resource.line,
                    Aspect::Authentication,
                    State::Absent,
                    method,
                    "authorization NONE",
                );
            } else if !open {
                let detail = body.text_of("authorization").unwrap_or("an authorizer");
                about.practice(resource.line, Aspect::Authentication, State::Present, method, detail);
            }
        }
        "aws_apigatewayv2_route" => {
            let Some((method, path)) = body.text_of("route_key").and_then(|k| k.split_once(' ')) else {
                return;
            };
            let method = Some(method.to_owned()).filter(|m| m != "ANY");
            let endpoint =
                Endpoint { of: name("api_id"), method, path: path.to_owned(), ..Endpoint::default() };
            out.span(resource.line, resource.until, Seen::Endpoint(endpoint));
            let kept = body.text_of("authorization_type").is_some_and(|t| t != "NONE");
            let state = if kept { State::Present } else { State::Absent };
            let detail = body.text_of("authorization_type").unwrap_or("authorization NONE");
            About { out, of: name("api_id").as_deref() }.practice(
                resource.line,
                Aspect::Authentication,
                state,
                path,
                detail,
            );
        }
        "aws_api_gateway_integration" | "aws_apigatewayv2_integration" => {
            let of = name("rest_api_id").or_else(|| name("api_id"));
            let target = body.text_of("uri").or_else(|| body.text_of("integration_uri"));
            if let (Some(of), Some(target)) = (of, target) {
                let mut reach = Reach::new(ReachKind::Route, target, "http");
                reach.of = Some(of);
                reach.timeout_ms = ["timeout_milliseconds", "timeout_in_millis"]
                    .iter()
                    .find_map(|k| body.text_of(k)?.parse().ok());
                out.span(resource.line, resource.until, Seen::Reach(Box::new(reach)));
            }
        }
        _ => {}
    }
}

/// Limits by rate.
fn limits(resource: &Resource<'_>, out: &mut Sightings) {
    const KEYS: &[&str] = &[
        "throttle_settings",
        "throttling_rate_limit",
        "default_route_settings",
        "rate_based_statement",
        "rate_limit_options",
        "throttle",
    ];
    let of_gateways =
        ["aws_api_gateway", "aws_apigateway", "aws_waf", "google_compute_security_policy", "cloudflare_rate"]
            .iter()
            .any(|p| resource.of.starts_with(p));
    if !of_gateways {
        return;
    }
    let flat = resource.body.flat();
    let found = flat.iter().find(|(path, _, _)| {
        path.split(['.', '[']).any(|p| KEYS.contains(&p)) && !path.ends_with("detailed_metrics_enabled")
    });
    if let Some((path, value, line)) = found {
        let detail = format!("{path} {value}");
        About { out, of: None }.practice(*line, Aspect::RateLimit, State::Present, resource.label, detail);
    } else if resource.of == "cloudflare_rate_limit" {
        About { out, of: None }.practice(
            resource.line,
            Aspect::RateLimit,
            State::Present,
            resource.label,
            resource.of,
        );
    }
}
