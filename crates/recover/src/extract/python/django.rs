//! Django's URL configurations: paths, regular expressions, what they include, and the routers of the REST framework.

use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::{is_python, is_test, path, route};
use crate::sighting::{Endpoint, Mount, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads URL configurations.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "python-django",
    reads: is_python,
    sees: &[Aspect::DebugSurface, Aspect::HealthProbe],
    extract,
};

/// Functions that declare a route, and whether the pattern is a regular expression.
const ROUTES: &[(&str, bool)] = &[("path", false), ("re_path", true), ("url", true)];

/// Packages whose pages are for debugging or administration.
const SURFACES: &[(&str, &str)] = &[
    ("debug_toolbar", "debug toolbar"),
    ("silk", "profiler"),
    ("drf_yasg", "API documentation"),
    ("django.contrib.admindocs", "administration documentation"),
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    if !code.uses("django") && !code.uses("rest_framework") {
        return;
    }
    for call in code.calls() {
        if let Some(regex) = route_kind(&code, call) {
            one(source, &code, call, regex, out);
        }
    }
    routers(&code, out);
}

/// Whether a call declares a route, and if so whether by a regular expression.
fn route_kind(code: &Code, call: Node<'_>) -> Option<bool> {
    let callee = code.callee(call);
    let short = callee.strip_prefix("django.urls.").or_else(|| callee.strip_prefix("django.conf.urls."))?;
    ROUTES.iter().find(|(n, _)| *n == short).map(|(_, regex)| *regex)
}

fn one(source: &Source<'_>, code: &Code, call: Node<'_>, regex: bool, out: &mut Sightings) {
    let Some(pattern) = code.arg(call, Some(0), "route").or_else(|| code.arg(call, None, "regex")) else {
        return;
    };
    let Some(pattern) = code.value(pattern) else { return };
    let own = clean(&pattern, regex);
    let full = path::joined(&prefix(code, call), own.trim_start_matches('/'));
    let Some(view) = code.arg(call, Some(1), "view") else { return };
    let line = syntax::line(call);
    let is_include = view.kind() == "call" && code.callee(view).ends_with("include");
    let target = if is_include { code.arg(view, Some(0), "arg") } else { Some(view) };
    let Some(target) = target else { return };
    // `include((patterns, "name"))`
    let target = if target.kind() == "tuple" { target.named_child(0).unwrap_or(target) } else { target };
    if is_include {
        included(source, code, &full, target, line, out);
        return;
    }
    let dotted = code.dotted(target);
    if dotted.ends_with("site.urls") {
        out.practice(line, Aspect::DebugSurface, State::Present, &full, "administration pages of Django");
        out.add(line, endpoint(full, Some("django.contrib.admin".to_owned()), true));
        return;
    }
    if let Some(object) = dotted.strip_suffix(".urls") {
        included_module(source, &full, object, line, out);
        return;
    }
    let (name, _) = route::target(code, view);
    let handler = qualified(code, &name);
    out.span(line, syntax::last_line(call), endpoint(full, Some(handler), false));
}

fn endpoint(path: String, handler: Option<String>, prefix_only: bool) -> Seen {
    Seen::Endpoint(Endpoint { path, handler, prefix_only, ..Endpoint::default() })
}

/// A handler's name with its module: `shop.views.OrderView`.
fn qualified(code: &Code, name: &str) -> String {
    let (first, rest) = name.split_once('.').map_or((name, None), |(f, r)| (f, Some(r)));
    match (code.import(first), rest) {
        (Some(origin), Some(rest)) => format!("{origin}.{rest}"),
        (Some(origin), None) => origin.to_owned(),
        (None, _) => name.to_owned(),
    }
}

/// What `include` names: a module, a list of this file, the routes of a router.
fn included(
    source: &Source<'_>,
    code: &Code,
    full: &str,
    target: Node<'_>,
    line: usize,
    out: &mut Sightings,
) {
    match target.kind() {
        "string" => {
            if let Some(module) = code.literal(target) {
                included_module(source, full, &module, line, out);
            }
        }
        "attribute" | "identifier" => {
            let dotted = code.dotted(target);
            let first = code.text_of(target).split('.').next().unwrap_or("");
            if code.import(first).is_some() {
                let module = dotted
                    .strip_suffix(".urls")
                    .filter(|m| path::module(source, m).is_some())
                    .unwrap_or(&dotted);
                included_module(source, full, module, line, out);
            }
        }
        _ => {}
    }
}

fn included_module(source: &Source<'_>, full: &str, module: &str, line: usize, out: &mut Sightings) {
    if let Some((file, router)) = path::module(source, module) {
        let router = router.filter(|r| r != "urlpatterns" && r != "urls" && r != "router");
        out.add(line, Seen::Mount(Mount { prefix: full.to_owned(), file: Some(file), router }));
        return;
    }
    if let Some((_, what)) = SURFACES.iter().find(|(m, _)| module.starts_with(m)) {
        out.practice(line, Aspect::DebugSurface, State::Present, full, *what);
    }
    if module.contains("health") {
        out.practice(line, Aspect::HealthProbe, State::Present, full, "health page");
    }
    if module.contains("prometheus") {
        out.practice(line, Aspect::Metrics, State::Present, full, "metrics page");
    }
    out.add(line, endpoint(full.to_owned(), Some(module.to_owned()), true));
}

/// A pattern as a path.
fn clean(pattern: &str, regex: bool) -> String {
    if regex { path::regex(pattern) } else { path::braces(pattern, false) }
}

/// The prefix that this file gives a route: the routes around it, and those that include the list it stands in.
fn prefix(code: &Code, call: Node<'_>) -> String {
    let mut parts = Vec::new();
    let mut at = call;
    let mut hops = 0;
    while let Some(parent) = at.parent() {
        if parent.kind() == "call"
            && let Some(regex) = route_kind(code, parent)
            && let Some(pattern) = code.arg(parent, Some(0), "route").and_then(|p| code.value(p))
        {
            parts.push(clean(&pattern, regex));
        }
        let is_assign = matches!(parent.kind(), "assignment" | "augmented_assignment");
        let name = if is_assign { code.field(parent, "left") } else { "" };
        at = parent;
        if is_assign && name != "urlpatterns" && hops < 8 {
            // continue where the list is included
            let including = code.calls().find(|c| {
                code.callee(*c).ends_with("include")
                    && code.arg(*c, Some(0), "arg").is_some_and(|a| {
                        let a = if a.kind() == "tuple" { a.named_child(0).unwrap_or(a) } else { a };
                        code.text_of(a) == name
                    })
            });
            if let Some(including) = including {
                hops += 1;
                at = including;
            }
        }
    }
    parts.iter().rev().fold(String::new(), |all, part| path::joined(&all, part.trim_start_matches('/')))
}

/// The routes of a viewset as the routers of the REST framework make them: method, whether of one object, the
/// viewset's method.
const VIEWSET: &[(&str, bool, &str)] = &[
    ("GET", false, "list"),
    ("POST", false, "create"),
    ("GET", true, "retrieve"),
    ("PUT", true, "update"),
    ("PATCH", true, "partial_update"),
    ("DELETE", true, "destroy"),
];

fn routers(code: &Code, out: &mut Sightings) {
    for call in code.calls() {
        let Some(function) = syntax::field(call, "function").filter(|f| f.kind() == "attribute") else {
            continue;
        };
        let Some(router) = syntax::field(function, "object") else { continue };
        if code.field(function, "attribute") != "register" || !code.made_by(router).ends_with("Router") {
            continue;
        }
        let Some(pattern) = code.arg(call, Some(0), "prefix").and_then(|p| code.value(p)) else { continue };
        let Some(view) = code.arg(call, Some(1), "viewset") else { continue };
        let base = path::joined(&router_prefix(code, code.text_of(router)), &clean(&pattern, true));
        let name = code.text_of(view);
        let class = code.class(name);
        for (method, single, action) in VIEWSET {
            if class.is_some_and(|c| !has_action(code, c, action)) {
                continue;
            }
            let path = if *single { format!("{base}/{{pk}}") } else { base.clone() };
            let handler = format!("{}.{action}", qualified(code, name));
            let seen = Endpoint {
                method: Some((*method).to_owned()),
                path,
                handler: Some(handler),
                ..Endpoint::default()
            };
            out.add(syntax::line(call), Seen::Endpoint(seen));
        }
        if let Some(class) = class {
            extra(code, class, &base, out);
        }
    }
}

/// The prefix under which a router's routes are included in this file.
fn router_prefix(code: &Code, router: &str) -> String {
    let urls = format!("{router}.urls");
    let including = code.calls().find(|c| {
        code.callee(*c).ends_with("include")
            && code.arg(*c, Some(0), "arg").is_some_and(|a| {
                let a = if a.kind() == "tuple" { a.named_child(0).unwrap_or(a) } else { a };
                code.text_of(a) == urls
            })
    });
    including.map_or_else(String::new, |i| prefix(code, i))
}

/// Whether a viewset of this file answers an action: by a method of its own or by a base class.
fn has_action(code: &Code, class: Node<'_>, action: &str) -> bool {
    if code.methods(class).iter().any(|m| code.field(*m, "name") == action) {
        return true;
    }
    code.bases(class).iter().any(|base| {
        let base = base.rsplit('.').next().unwrap_or(base);
        match base {
            "ModelViewSet" => true,
            "ReadOnlyModelViewSet" => matches!(action, "list" | "retrieve"),
            "ListModelMixin" => action == "list",
            "CreateModelMixin" => action == "create",
            "RetrieveModelMixin" => action == "retrieve",
            "UpdateModelMixin" => matches!(action, "update" | "partial_update"),
            "DestroyModelMixin" => action == "destroy",
            "ViewSet" | "GenericViewSet" | "APIView" => false,
            // a class of another file
            _ => !base.ends_with("Mixin"),
        }
    })
}

/// Actions beyond the standard ones: `@action(detail=True, methods=["post"])`.
fn extra(code: &Code, class: Node<'_>, base: &str, out: &mut Sightings) {
    for method in code.methods(class) {
        for decorator in code.decorators(method).into_iter().filter(|d| d.kind() == "call") {
            if !code.callee(decorator).ends_with("action") {
                continue;
            }
            let name = code.field(method, "name");
            let own = code
                .arg(decorator, None, "url_path")
                .and_then(|p| code.literal(p))
                .unwrap_or_else(|| name.to_owned());
            let single = code.arg(decorator, None, "detail").is_some_and(|d| d.kind() == "true");
            let path = if single { format!("{base}/{{pk}}/{own}") } else { format!("{base}/{own}") };
            let verbs = code.arg(decorator, Some(0), "methods").map(|m| {
                syntax::children(m)
                    .into_iter()
                    .filter_map(|v| code.literal(v))
                    .map(|v| v.to_ascii_uppercase())
                    .collect()
            });
            for verb in verbs.unwrap_or_else(|| vec!["GET".to_owned()]) {
                let handler = Some(format!("{}.{name}", code.field(class, "name")));
                let seen =
                    Endpoint { method: Some(verb), path: path::regex(&path), handler, ..Endpoint::default() };
                out.span(
                    syntax::line(route::decorated(method)),
                    syntax::last_line(method),
                    Seen::Endpoint(seen),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{endpoints, see, see_all};

    #[test]
    fn paths_includes_and_routers() {
        let text = "from django.contrib import admin\nfrom django.urls import path, re_path, include\nfrom rest_framework import routers\nfrom rest_framework.viewsets import ModelViewSet\nfrom . import views\nclass P(ModelViewSet):\n    def list(self, request): pass\nrouter = routers.DefaultRouter()\nrouter.register(r'pets', P)\nextra = [path('deep/<int:pk>/', views.deep)]\nurlpatterns = [\n  path('admin/', admin.site.urls),\n  re_path(r'^a/(?P<id>\\d+)$', views.A.as_view()),\n  path('shop/', include('shop.urls')),\n  path('x/', include(extra)),\n  path('api/', include(router.urls)),\n]\n";
        let seen = see_all(&[("app/urls.py", text), ("app/shop/urls.py", "")]);
        let mut paths = endpoints(&seen);
        paths.dedup();
        assert!(paths.contains(&"* /x/deep/{pk}/".to_owned()), "{paths:?}");
        assert!(paths.contains(&"* /a/{id}".to_owned()), "{paths:?}");
        assert!(paths.contains(&"DELETE /api/pets/{pk}".to_owned()), "{paths:?}");
        assert!(
            seen.iter().any(|s| matches!(&s.seen, Seen::Mount(m) if m.prefix == "/shop/" && m.file.as_deref() == Some("app/shop/urls"))),
            "{seen:?}"
        );
        let a = seen.iter().find_map(|s| match &s.seen {
            Seen::Endpoint(e) if e.path == "/a/{id}" => e.handler.clone(),
            _ => None,
        });
        assert_eq!(a.as_deref(), Some(".views.A"));
    }

    #[test]
    fn views_are_handlers() {
        let text = "from rest_framework.views import APIView\nclass Orders(APIView):\n    def get(self, request, order_id):\n        return 1\n";
        let seen = see("app/views.py", text);
        assert!(
            seen.iter().any(|s| matches!(&s.seen, Seen::Handler(h) if h.name == "Orders" && h.method.as_deref() == Some("GET") && s.until == 4)),
            "{seen:?}"
        );
    }
}
