//! Endpoints of servers whose routes are calls, and mounts of routers of other files.

use tree_sitter::Node;

use super::module::{Js, is_script, read};
use super::place::resolve;
use super::routing::{Prefixes, braces, is_server, join, paths, routes};
use crate::extract::Extractor;
use crate::sighting::{Endpoint, Mount, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "javascript-routes", reads: is_script, sees: &[], extract };

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |js| {
        for route in routes(js) {
            for path in &route.paths {
                let endpoint = Endpoint {
                    method: route.method.clone(),
                    path: path.clone(),
                    roles: super::words::roles(&route.before),
                    handler: route.name.clone(),
                    router: route.router.clone(),
                    ..Endpoint::default()
                };
                out.span(route.lines.0, route.lines.1, Seen::Endpoint(endpoint));
            }
        }
        let prefixes = Prefixes::of(js);
        for call in js.calls() {
            mount(source, js, call, &prefixes, out);
        }
    });
}

/// `app.use('/x', router)`, `fastify.register(plugin, { prefix })`, `app.route('/x', app2)`.
fn mount<'t>(source: &Source<'_>, js: &Js<'t>, call: Node<'t>, prefixes: &Prefixes, out: &mut Sightings) {
    let Some((object, name @ ("use" | "register" | "route" | "mount"))) = js.method(call) else { return };
    let arguments = js.arguments(call);
    let base = js.base(object).map_or("", |b| js.of(b));
    let around = prefixes.at(base, call.start_byte());
    let line = js
        .callee(call)
        .and_then(|c| syntax::field(c, "property"))
        .map_or_else(|| syntax::line(call), syntax::line);
    if name == "register" {
        let Some(plugin) = arguments.first() else { return };
        let options = arguments.get(1).copied();
        let own = options.and_then(|o| js.property(o, "prefix")).map(|p| js.value(p)).unwrap_or_default();
        if js.origin(*plugin).is_some_and(|o| matches!(o.package, "@fastify/autoload" | "fastify-autoload")) {
            autoload(source, js, options, line, out);
        } else {
            for before in &around {
                mounted(source, js, *plugin, &braces(&join(before, &own)), line, out);
            }
        }
        return;
    }
    if !is_server(js, object, false) {
        return;
    }
    let own = arguments.first().filter(|a| {
        matches!(
            a.kind(),
            "string" | "template_string" | "array" | "identifier" | "binary_expression" | "member_expression"
        )
    });
    let own = own.and_then(|a| paths(js, *a));
    let routers = if own.is_some() { &arguments[1..] } else { &arguments[..] };
    let own = own.unwrap_or_else(|| vec![String::new()]);
    for router in routers {
        let each = if router.kind() == "array" { syntax::children(*router) } else { vec![*router] };
        for router in each {
            for before in &around {
                for own in &own {
                    mounted(source, js, router, &join(before, own), line, out);
                }
            }
        }
    }
}

/// A mount of a router that comes from another file.
fn mounted<'t>(
    source: &Source<'_>,
    js: &Js<'t>,
    router: Node<'t>,
    prefix: &str,
    line: usize,
    out: &mut Sightings,
) {
    let Some(origin) = js.origin(router) else { return };
    let Some(file) = resolve(source, origin.package) else { return };
    let path = origin.path.trim_end_matches("()");
    let path = ["routes", "middleware", "router", "callback"]
        .iter()
        .find_map(|s| path.strip_suffix(s).map(|p| p.trim_end_matches('.').trim_end_matches("()")))
        .unwrap_or(path);
    let named = !path.is_empty() && !path.contains(['(', '.']);
    // `createRouter()` names a function, not a router.
    let router = (named && (!origin.path.ends_with("()") || origin.path.ends_with(".routes()")))
        .then(|| path.to_owned());
    out.add(line, Seen::Mount(Mount { prefix: prefix.to_owned(), file: Some(file), router }));
}

/// Folders whose files are plugins, each under the name of its folder.
fn autoload<'t>(
    source: &Source<'_>,
    js: &Js<'t>,
    options: Option<Node<'t>>,
    line: usize,
    out: &mut Sightings,
) {
    let Some(options) = options else { return };
    let Some(dir) = js.property(options, "dir").map(|d| js.deref(d)) else { return };
    let folder = js
        .below(dir)
        .iter()
        .filter(|n| n.kind() == "string")
        .map(|n| js.literal(*n))
        .collect::<Vec<_>>()
        .join("/");
    let Some(root) = source.relative(&folder).filter(|f| !f.is_empty()) else { return };
    let given = js.property(options, "options").and_then(|o| js.property(o, "prefix")).map(|p| js.value(p));
    let given = given.unwrap_or_default();
    let plain = js.property(options, "dirNameRoutePrefix").is_some_and(|v| js.of(v) == "false");
    for file in source.tree.below(&root).filter(|f| is_script(&f.path)).take(500) {
        let inside = file.path.get(root.len()..).unwrap_or("");
        let sub = inside.rsplit_once('/').map_or("", |(f, _)| f);
        let sub: String = sub
            .split('/')
            .filter(|p| !p.is_empty())
            .map(|p| match p.strip_prefix('_') {
                Some(parameter) => format!("/{{{parameter}}}"),
                None => format!("/{p}"),
            })
            .collect();
        let prefix = if plain { given.clone() } else { join(&given, &sub) };
        let without = file.path.rsplit_once('.').map_or(file.path.as_str(), |(p, _)| p).to_owned();
        out.add(line, Seen::Mount(Mount { prefix, file: Some(without), router: None }));
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{endpoints, practices, see, see_all};

    #[test]
    fn express_routes_chains_and_local_routers() {
        let seen = see(
            "svc/app.js",
            "const express = require('express');\nconst app = express();\nconst items = express.Router();\n\
             app.use('/api', items);\nitems.get('/items/:id(\\\\d+)', (req, res) => res.json({}));\n\
             app.route('/carts').get(list).post(create);\napp.get('/health', (req, res) => res.send('ok'));\n\
             app.get('title');\napp.listen(process.env.PORT || 3000);\n",
        );
        assert_eq!(endpoints(&seen), ["GET /api/items/{id}", "GET /carts", "POST /carts", "GET /health"]);
        assert!(practices(&seen).contains(&"HealthProbe Present /health".to_owned()));
    }

    #[test]
    fn mounts_name_the_file_and_the_export() {
        let seen = see_all(&[(
            "svc/src/app.ts",
            "import express from 'express';\nimport { users } from './routes/users';\nconst app = express();\n\
             app.use('/v1/users', authenticate, users);\napp.use('/orders', require('./routes/orders'));\n",
        )]);
        let mounts: Vec<_> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Mount(m) => Some((m.prefix.clone(), m.file.clone(), m.router.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(
            mounts,
            [
                ("/v1/users".to_owned(), Some("svc/src/routes/users".to_owned()), Some("users".to_owned())),
                ("/orders".to_owned(), Some("svc/src/routes/orders".to_owned()), None),
            ]
        );
    }

    #[test]
    fn fastify_hooks_guard_the_routes_of_their_plugin() {
        let seen = see(
            "user/index.js",
            "module.exports = async function (fastify) {\n  fastify.post('/login', { schema: s }, login)\n  \
             fastify.register(async function (fastify) {\n    fastify.addHook('preHandler', fastify.authenticate)\n    \
             fastify.get('/me', me)\n  }, { prefix: '/self' })\n}\nasync function login (req) { return {} }\n",
        );
        assert_eq!(endpoints(&seen), ["POST /login", "GET /self/me"]);
        let practices = practices(&seen);
        assert!(practices.contains(&"Authentication Absent /login".to_owned()), "{practices:?}");
        assert!(practices.contains(&"Authentication Present /self/me".to_owned()), "{practices:?}");
        assert!(practices.contains(&"LoginThrottling Absent /login".to_owned()), "{practices:?}");
    }

    #[test]
    fn controllers_of_decorators() {
        let seen = see(
            "a/items.controller.ts",
            "import { Controller, Get, Post, UseGuards } from '@nestjs/common';\n@Controller({ path: 'items', version: '2' })\n\
             export class ItemsController {\n  @Get(':id')\n  one(@Param('id') id: string) { return id; }\n\
             \n  @UseGuards(JwtAuthGuard)\n  @Post()\n  add() { return 1; }\n}\n",
        );
        assert_eq!(endpoints(&seen), ["GET /v2/items/{id}", "POST /v2/items"]);
        assert!(practices(&seen).contains(&"Authentication Present /v2/items".to_owned()));
    }

    #[test]
    fn routes_that_follow_from_folders() {
        let seen = see_all(&[
            (
                "web/app/api/(shop)/orders/[id]/route.ts",
                "export async function GET() {}\nexport const POST = h;\n",
            ),
            ("web/pages/api/users/[...slug].ts", "export default function handler(req, res) { res.end() }\n"),
        ]);
        assert_eq!(
            endpoints(&seen),
            ["GET /api/orders/{id}", "POST /api/orders/{id}", "* /api/users/{slug}"]
        );
    }
}
