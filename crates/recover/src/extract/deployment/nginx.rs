//! nginx: upstreams, servers and locations as routes.

use std::collections::BTreeMap;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::sighting::{Plays, Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};

/// Reads nginx configuration.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "nginx", reads, sees: &[Aspect::RateLimit, Aspect::BodyLimit, Aspect::Tls], extract };

fn reads(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let plain = [".template", ".tmpl", ".tpl", ".j2", ".erb"]
        .iter()
        .find_map(|e| name.strip_suffix(e))
        .unwrap_or(name);
    plain.ends_with(".conf") && !plain.contains("supervisor")
        || plain == "nginx"
        || lower.contains("/sites-available/")
        || lower.contains("/sites-enabled/")
}

/// Most directives of one file.
const MOST: usize = 20_000;

/// A directive with the blocks around it.
struct Directive {
    words: Vec<String>,
    line: usize,
    until: usize,
    /// The directives around it, by position, the nearest last.
    around: Vec<usize>,
}

impl Directive {
    fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    fn word(&self, i: usize) -> &str {
        self.words.get(i).map_or("", String::as_str)
    }
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test()
        || !["server", "location", "upstream", "proxy_pass"].iter().any(|w| source.text.contains(w))
    {
        return;
    }
    let directives = parse(source.text);
    let is_nginx = directives.iter().any(|d| {
        matches!(d.name(), "proxy_pass" | "fastcgi_pass" | "uwsgi_pass" | "grpc_pass" | "listen" | "upstream")
    });
    if !is_nginx {
        return;
    }
    let config = Config { directives: &directives };
    config.routes(out);
    config.practices(out);
}

/// Splits a text into directives; unclosed blocks end with the file.
fn parse(text: &str) -> Vec<Directive> {
    let mut found: Vec<Directive> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut line, mut started) = (String::new(), 1, 1);
    let mut quote: Option<char> = None;
    let mut in_variable = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if found.len() >= MOST {
            break;
        }
        if c == '\n' {
            line += 1;
        }
        if let Some(q) = quote {
            if c == q {
                quote = None;
            } else {
                word.push(c);
            }
            continue;
        }
        // `${NAME}` of a template is no block.
        if in_variable {
            word.push(c);
            in_variable = c != '}';
            continue;
        }
        match c {
            '#' if word.is_empty() => {
                while chars.peek().is_some_and(|n| *n != '\n') {
                    chars.next();
                }
            }
            '"' | '\'' if word.is_empty() => quote = Some(c),
            '$' if chars.peek() == Some(&'{') => {
                word.push(c);
                in_variable = true;
            }
            '{' if word.ends_with('{') || chars.peek() == Some(&'{') => word.push(c),
            '}' if word.contains("{{") => word.push(c),
            ';' | '{' | '}' => {
                finish(&mut word, &mut words, line, &mut started);
                if !words.is_empty() {
                    found.push(Directive {
                        words: std::mem::take(&mut words),
                        line: started,
                        until: line,
                        around: open.clone(),
                    });
                    if c == '{' && open.len() < 32 {
                        open.push(found.len() - 1);
                    }
                }
                if c == '}'
                    && let Some(at) = open.pop()
                    && let Some(block) = found.get_mut(at)
                {
                    block.until = line;
                }
            }
            c if c.is_whitespace() => finish(&mut word, &mut words, line, &mut started),
            c => {
                if word.is_empty() && words.is_empty() {
                    started = line;
                }
                word.push(c);
            }
        }
    }
    found
}

fn finish(word: &mut String, words: &mut Vec<String>, line: usize, started: &mut usize) {
    if words.is_empty() && word.is_empty() {
        *started = line;
    }
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

struct Config<'a> {
    directives: &'a [Directive],
}

impl Config<'_> {
    fn around<'b>(&'b self, directive: &'b Directive) -> impl Iterator<Item = &'b Directive> {
        directive.around.iter().rev().filter_map(|i| self.directives.get(*i))
    }

    /// The servers of each upstream.
    fn upstreams(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for directive in self.directives.iter().filter(|d| d.name() == "server" && d.words.len() > 1) {
            if let Some(upstream) = self.around(directive).next().filter(|u| u.name() == "upstream") {
                found.entry(upstream.word(1)).or_default().push(directive.word(1));
            }
        }
        found
    }

    /// `set $name value;`
    fn variables(&self) -> BTreeMap<&str, &str> {
        self.directives.iter().filter(|d| d.name() == "set").map(|d| (d.word(1), d.word(2))).collect()
    }

    fn routes(&self, out: &mut Sightings) {
        let (upstreams, variables) = (self.upstreams(), self.variables());
        for directive in self.directives {
            let protocol = match directive.name() {
                "proxy_pass" => "http",
                "grpc_pass" => "grpc",
                "fastcgi_pass" | "uwsgi_pass" | "scgi_pass" => "http",
                _ => continue,
            };
            let mut target = directive.word(1).to_owned();
            for (name, value) in &variables {
                target = target.replace(name, value);
            }
            // `${API_URL}` may hold the scheme itself.
            let (scheme, rest) = match target.split_once("://") {
                Some((scheme, rest)) => (format!("{scheme}://"), rest),
                None if target.starts_with('$') => (String::new(), target.as_str()),
                None => ("http://".to_owned(), target.as_str()),
            };
            let host = rest.split('/').next().unwrap_or(rest);
            let tail = rest.get(host.len()..).unwrap_or("");
            let targets: Vec<String> = match upstreams.get(host) {
                Some(servers) => servers.iter().map(|s| format!("{scheme}{s}{tail}")).collect(),
                None => vec![format!("{scheme}{rest}")],
            };
            let location = self.around(directive).find(|d| d.name() == "location");
            for target in targets.into_iter().filter(|t| !t.contains("unix:")) {
                let mut reach = Reach::new(ReachKind::Route, target, protocol);
                reach.path = location.and_then(|l| l.words.last()).filter(|p| p.as_str() != "{").cloned();
                reach.timeout_ms = self.timeout(directive);
                let (line, until) = location.map_or((directive.line, directive.until), |l| (l.line, l.until));
                let line = if location.is_some() { directive.line.max(line) } else { line };
                out.span(line, until, Seen::Reach(Box::new(reach)));
            }
            let (state, detail) = match self.timeout(directive) {
                Some(ms) => (State::Present, format!("{ms} ms")),
                None => (State::Present, "60000 ms by default".to_owned()),
            };
            out.practice(directive.line, Aspect::Timeout, state, directive.word(1), detail);
        }
        if let Some(first) = self.directives.iter().find(|d| matches!(d.name(), "server" | "location")) {
            let plays = Plays {
                role: loadcase_model::Role::WebServer,
                of: None,
                technology: Some("nginx".to_owned()),
            };
            out.add(first.line, Seen::Plays(plays));
        }
    }

    /// The limit that holds for a directive: the nearest `proxy_read_timeout`.
    fn timeout(&self, directive: &Directive) -> Option<f64> {
        let names = ["proxy_read_timeout", "grpc_read_timeout", "fastcgi_read_timeout", "uwsgi_read_timeout"];
        let limits = self.directives.iter().filter(|d| names.contains(&d.name()));
        let holds = limits.filter(|d| directive.around.starts_with(&d.around));
        holds.max_by_key(|d| d.around.len()).and_then(|d| milliseconds(d.word(1)))
    }

    fn practices(&self, out: &mut Sightings) {
        for directive in self.directives {
            let (line, value) = (directive.line, directive.words.get(1..).unwrap_or_default().join(" "));
            match directive.name() {
                "limit_req" | "limit_conn" => {
                    let path = self
                        .around(directive)
                        .find(|d| d.name() == "location")
                        .and_then(|d| d.words.last().cloned());
                    out.practice(
                        line,
                        Aspect::RateLimit,
                        State::Present,
                        path.unwrap_or_else(|| "*".to_owned()),
                        value,
                    );
                }
                "client_max_body_size" => {
                    let (state, detail) = if value == "0" {
                        (State::Absent, "no limit".to_owned())
                    } else {
                        (State::Present, value)
                    };
                    out.practice(line, Aspect::BodyLimit, state, "*", detail);
                }
                "proxy_ssl_verify" if value == "off" => {
                    out.practice(
                        line,
                        Aspect::TlsVerification,
                        State::Absent,
                        "proxy",
                        "proxy_ssl_verify off",
                    );
                }
                "ssl_protocols" => {
                    let old = ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1"]
                        .iter()
                        .any(|p| directive.words.iter().any(|w| w == p));
                    let state = if old { State::Weak } else { State::Present };
                    out.practice(line, Aspect::Tls, state, "protocols", value);
                }
                "auth_basic" if value != "off" => {
                    out.practice(line, Aspect::Authentication, State::Present, "*", "auth_basic");
                }
                "auth_request" | "auth_jwt" if value != "off" => {
                    out.practice(line, Aspect::Authentication, State::Present, "*", directive.name());
                }
                "add_header" if directive.word(1).eq_ignore_ascii_case("Access-Control-Allow-Origin") => {
                    let state = if matches!(directive.word(2), "*" | "$http_origin") {
                        State::Weak
                    } else {
                        State::Present
                    };
                    out.practice(line, Aspect::Cors, state, "*", directive.word(2));
                }
                "autoindex" | "stub_status" if value != "off" => {
                    out.practice(line, Aspect::DebugSurface, State::Present, directive.name(), "served");
                }
                "listen" => self.listener(directive, out),
                _ => {}
            }
        }
        let serves = self.directives.iter().find(|d| d.name() == "server" && d.words.len() == 1);
        if let Some(server) =
            serves.filter(|_| !self.directives.iter().any(|d| d.name() == "client_max_body_size"))
        {
            out.practice(server.line, Aspect::BodyLimit, State::Present, "*", "1m by default");
        }
    }

    fn listener(&self, directive: &Directive, out: &mut Sightings) {
        let secure =
            directive.words.iter().any(|w| w == "ssl" || w == "quic") || directive.word(1).ends_with("443");
        let redirects = self.directives.iter().any(|d| {
            d.around.starts_with(&directive.around)
                && matches!(d.name(), "return" | "rewrite")
                && d.words.iter().any(|w| w.starts_with("https://"))
        });
        let state = if secure { State::Present } else { State::Absent };
        if secure || !redirects {
            out.practice(directive.line, Aspect::Tls, state, directive.word(1), "listen");
        }
    }
}

/// A time such as `30s`, `500ms`, `5m`, `60`.
fn milliseconds(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: f64 = text.get(..end)?.parse().ok()?;
    let factor = match text.get(end..)? {
        "ms" => 1.0,
        "" | "s" => 1000.0,
        "m" => 60_000.0,
        "h" => 3_600_000.0,
        _ => return None,
    };
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, reaches, see};

    #[test]
    fn upstreams_locations_and_limits() {
        let seen = see(
            "web/nginx.conf.template",
            "upstream api { server api-1:8080 weight=2; server api-2:8080; }\nserver {\n  listen 80;\n  # comment { ;\n  location /api/ {\n    limit_req zone=one burst=5;\n    proxy_read_timeout 30s;\n    proxy_pass http://api/v1/;\n  }\n  location ~ ^/u/(.*)$ {\n    proxy_pass ${USER_URL}/x;\n  }\n}\n",
        );
        assert_eq!(
            reaches(&seen),
            ["Route http://api-1:8080/v1/", "Route http://api-2:8080/v1/", "Route ${USER_URL}/x"]
        );
        let first = seen.iter().find_map(|s| match &s.seen {
            Seen::Reach(r) => Some((r.path.clone(), r.timeout_ms)),
            _ => None,
        });
        assert_eq!(first, Some((Some("/api/".to_owned()), Some(30_000.0))));
        let practices = practices(&seen);
        for expected in ["RateLimit Present /api/", "Tls Absent 80", "BodyLimit Present *"] {
            assert!(practices.contains(&expected.to_owned()), "{expected}: {practices:?}");
        }
    }

    #[test]
    fn odd_files_end() {
        for text in ["server {", "}}}} server", "location ${ {", "proxy_pass 'x"] {
            let _ = see("a.conf", text);
        }
    }
}
