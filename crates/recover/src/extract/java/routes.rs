//! Routes in code: Spring Cloud Gateway's builder, functional endpoints of WebFlux, routes of Ktor, Javalin and Spark.

use loadcase_model::Role;

use crate::extract::Extractor;
use crate::extract::java::code::{self, Call, Class, Code, Expr, Method};
use crate::extract::java::values::Scope;
use crate::extract::java::web::join;
use crate::sighting::{Endpoint, Plays, Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};

/// Routes in code.
pub(crate) const EXTRACTOR: Extractor =
    Extractor { id: "java-routes", reads: code::reads, sees: &[], extract };

/// HTTP methods as functions are named after them.
const VERBS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH"];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if code::is_test(source) {
        return;
    }
    let Some(code) = code::read(source) else { return };
    for class in &code.classes {
        for method in &class.methods {
            if method.returns.ends_with("RouteLocator")
                || method.params.iter().any(|p| p.ty == "RouteLocatorBuilder")
            {
                gateway(&code, class, method, out);
            } else if method.returns.contains("RouterFunction") {
                functional(&code, class, method, out);
            } else {
                light(&code, class, method, out);
            }
        }
    }
}

/// `route(r -> r.path("/a/**").uri("lb://a"))`: each address with the path of its chain.
fn gateway(code: &Code, class: &Class, method: &Method, out: &mut Sightings) {
    let scope = Scope::inside(code, class, method);
    let mut found = false;
    for call in method.calls.iter().filter(|c| c.name == "uri" && c.on.is_some()) {
        let Some(target) = call.args.first().and_then(|a| scope.value(a)) else { continue };
        let path =
            call.chain().find(|c| c.name == "path").and_then(|c| c.args.first()).and_then(|a| scope.value(a));
        let technology = Some("spring-cloud-gateway".to_owned());
        let reach = Reach { technology, path, ..Reach::new(ReachKind::Route, target, "http") };
        out.add(call.line, Seen::Reach(Box::new(reach)));
        found = true;
    }
    if found {
        let technology = Some("spring-cloud-gateway".to_owned());
        out.add(method.line, Seen::Plays(Plays { role: Role::Gateway, of: None, technology }));
    }
}

/// `route(GET("/a"), handler)`, `route().GET("/a", handler)`, `nest(path("/a"), ...)`.
fn functional(code: &Code, class: &Class, method: &Method, out: &mut Sightings) {
    let scope = Scope::inside(code, class, method);
    let nested =
        method.calls.iter().find(|c| c.name == "nest").and_then(|c| c.args.first()).and_then(Expr::call);
    let prefix = nested.and_then(|c| c.args.first()).and_then(|a| scope.value(a)).unwrap_or_default();
    for call in method.calls.iter().filter(|c| VERBS.contains(&c.name.as_str())) {
        let Some(path) = call.args.first().and_then(|a| scope.value(a)) else { continue };
        let handler = call.args.last().and_then(Expr::name).map(str::to_owned);
        let endpoint = Endpoint {
            method: Some(call.name.clone()),
            path: join(&prefix, &path),
            handler,
            ..Endpoint::default()
        };
        out.add(call.line, Seen::Endpoint(endpoint));
    }
}

/// Routers where a call with a path makes an endpoint: what is imported, and what it is called on.
fn light(code: &Code, class: &Class, method: &Method, out: &mut Sightings) {
    let ktor = code.imports("io.ktor.server");
    let javalin = code.imports("io.javalin");
    let spark = code.imports("spark.Spark") || code.imports("spark.");
    if !(ktor || javalin || spark) {
        return;
    }
    let scope = Scope::inside(code, class, method);
    for call in &method.calls {
        let verb = call.name.to_ascii_uppercase();
        if !VERBS.contains(&verb.as_str()) || call.name == verb || call.args.len() < 2 && !ktor {
            continue;
        }
        // A client of Ktor is called on something; a route is not.
        if ktor && call.on.is_some() || javalin && !is_app(call) {
            continue;
        }
        let Some(path) = call.args.first().and_then(|a| match a {
            Expr::Text(_) | Expr::Name(_) | Expr::Concat(_) => scope.value(a),
            _ => None,
        }) else {
            continue;
        };
        let endpoint =
            Endpoint { method: Some(verb), path: join("", &variables(&path)), ..Endpoint::default() };
        out.add(call.line, Seen::Endpoint(endpoint));
    }
}

fn is_app(call: &Call) -> bool {
    call.receiver().is_none_or(|r| r == "app" || r == "ApiBuilder" || r.ends_with("avalin"))
}

/// `:id` as `{id}`.
fn variables(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|p| p.strip_prefix(':').map_or_else(|| p.to_owned(), |name| format!("{{{name}}}")));
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use crate::testing::{endpoints, reaches, see};

    #[test]
    fn gateways_and_functions() {
        let text = r#"class G {
            RouteLocator routes(RouteLocatorBuilder b) { return b.routes().route("a", r -> r.path("/a/**").filters(f -> f.stripPrefix(1)).uri("lb://orders")).build(); }
            RouterFunction<ServerResponse> api(H h) { return RouterFunctions.route(GET("/x/{id}"), h::one).andRoute(POST("/x"), h::add); }
        }"#;
        let seen = see("G.java", text);
        assert_eq!(reaches(&seen), ["Route lb://orders"]);
        let mut found = endpoints(&seen);
        found.sort();
        assert_eq!(found, ["GET /x/{id}", "POST /x"]);
        let ktor = "import io.ktor.server.routing.*\nfun Route.orders() { get(\"/orders/{id}\") { call.respond(1) } }";
        assert_eq!(endpoints(&see("R.kt", ktor)), ["GET /orders/{id}"]);
    }
}
