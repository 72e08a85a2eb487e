//! Where a process starts: servers that are run, applications that a server imports, workers, manage.py.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::{is_python, is_test};
use crate::sighting::{Entry, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads entries.
pub(crate) const EXTRACTOR: Extractor =
    Extractor { id: "python-entry", reads: is_python, sees: &[Aspect::DebugSurface], extract };

/// Calls that make an application, with its framework.
const APPLICATIONS: &[(&str, &str)] = &[
    ("fastapi.FastAPI", "fastapi"),
    ("flask.Flask", "flask"),
    ("quart.Quart", "quart"),
    ("apiflask.APIFlask", "flask"),
    ("connexion.App", "flask"),
    ("connexion.FlaskApp", "flask"),
    ("connexion.AsyncApp", "connexion"),
    ("sanic.Sanic", "sanic"),
    ("starlette.applications.Starlette", "starlette"),
    ("aiohttp.web.Application", "aiohttp"),
    ("tornado.web.Application", "tornado"),
    ("falcon.App", "falcon"),
    ("falcon.API", "falcon"),
    ("bottle.Bottle", "bottle"),
    ("django.core.wsgi.get_wsgi_application", "django"),
    ("django.core.asgi.get_asgi_application", "django"),
    ("celery.Celery", "celery"),
    ("faust.App", "faust"),
    ("litestar.Litestar", "litestar"),
];

/// Calls that run a server.
const RUNS: &[&str] = &[
    "uvicorn.run",
    "hypercorn.run",
    "waitress.serve",
    "aiohttp.web.run_app",
    "bottle.run",
    "gunicorn.app.run",
    "django.core.management.execute_from_command_line",
    "http.server.HTTPServer",
    "socketserver.TCPServer",
    "http.server.ThreadingHTTPServer",
    "wsgiref.simple_server.make_server",
    "eventlet.wsgi.server",
];

/// Names of files that start a process when they have a main block.
const FILES: &[&str] = &[
    "main.py",
    "app.py",
    "server.py",
    "worker.py",
    "consumer.py",
    "run.py",
    "__main__.py",
    "service.py",
    "bot.py",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    let mut framework = None;
    let mut line = None;
    for call in code.calls() {
        let callee = code.callee(call);
        let (object, method) = code.method(call);
        if let Some((_, name)) = APPLICATIONS.iter().find(|(c, _)| *c == callee) {
            framework = framework.or(Some(*name));
            line = line.or(Some(syntax::line(call)));
            debug(&code, call, out);
        } else if RUNS.contains(&callee.as_str()) || callee.ends_with(".run_app") {
            line = line.or(Some(syntax::line(call)));
            debug(&code, call, out);
        } else if method == "run"
            && (object.ends_with("app") || APPLICATIONS.iter().any(|(c, _)| *c == object))
        {
            line = line.or(Some(syntax::line(call)));
            framework =
                framework.or_else(|| APPLICATIONS.iter().find(|(c, _)| *c == object).map(|(_, f)| *f));
            debug(&code, call, out);
        }
    }
    for assign in syntax::of_kind(code.root(), "assignment") {
        let (left, right) = (code.field(assign, "left"), code.field(assign, "right"));
        let is_debug = left.ends_with("app.debug")
            || left.ends_with("config['DEBUG']")
            || left.ends_with("config[\"DEBUG\"]");
        if is_debug && right == "True" {
            out.practice(
                syntax::line(assign),
                Aspect::DebugSurface,
                State::Present,
                "debug",
                "debugging is on",
            );
        }
    }
    let main = syntax::of_kind(code.root(), "if_statement").find(|i| {
        let condition = code.field(*i, "condition");
        condition.contains("__name__") && condition.contains("__main__")
    });
    if line.is_none() && FILES.contains(&source.name()) {
        line = main.map(syntax::line);
    }
    if source.name() == "manage.py" && code.uses("django") {
        framework = Some("django");
        line = line.or(Some(1));
    }
    if let Some(line) = line {
        out.add(line, Seen::Entry(Entry { framework: framework.map(str::to_owned) }));
    }
}

fn debug(code: &Code, call: tree_sitter::Node<'_>, out: &mut Sightings) {
    let on = |k: &str| code.arg(call, None, k).filter(|v| v.kind() == "true");
    if let Some(at) = on("debug").or_else(|| on("use_debugger")) {
        out.practice(
            syntax::line(at),
            Aspect::DebugSurface,
            State::Present,
            "debug",
            "debug=True: tracebacks and a console for anybody",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, see};

    #[test]
    fn applications_and_main_blocks() {
        let text = "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run(debug=True)\n";
        let seen = see("svc/app.py", text);
        assert!(
            seen.iter().any(|s| matches!(&s.seen, Seen::Entry(e) if e.framework.as_deref() == Some("flask")))
        );
        assert_eq!(practices(&seen), ["DebugSurface Present debug"]);
        let script = see("svc/tool.py", "if __name__ == '__main__':\n    print(1)\n");
        assert!(!script.iter().any(|s| matches!(s.seen, Seen::Entry(_))));
    }
}
