//! Which servers there are: `.mcp.json` as agents' tools write it, and `[docs.servers]` of `loadcase.toml`.
//!
//! Reading starts nothing. Values may hold `${NAME}` and `${NAME:-default}`, filled in from the environment only for
//! the server that is used; what was filled in is never shown.

use std::collections::BTreeMap;
use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

/// Where Context7 answers for everybody.
pub const HOSTED: &str = "https://mcp.context7.com/mcp";

/// Largest file read, bytes.
const LARGEST: u64 = 256 * 1024;
/// Most servers of a file.
const MOST_SERVERS: usize = 64;

/// How a server is reached.
#[derive(Clone, PartialEq, Eq)]
pub enum Reach {
    /// A program that speaks on its standard input and output.
    Program {
        /// The program.
        command: String,
        /// Its arguments.
        arguments: Vec<String>,
        /// Environment variables it gets beside the usual ones.
        environment: BTreeMap<String, String>,
    },
    /// An address that speaks streamable HTTP.
    Http {
        /// The address.
        url: String,
        /// Headers sent with every request.
        headers: BTreeMap<String, String>,
    },
}

/// How a server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As Context7: a library is resolved, then its documentation is asked.
    Library,
    /// One tool that takes one text.
    Search {
        /// The tool.
        tool: String,
        /// Its argument that takes the question.
        argument: String,
    },
}

/// A server that a file names.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerSpec {
    /// What it is called.
    pub name: String,
    /// How it is reached.
    pub reach: Reach,
    /// How it is asked.
    pub shape: Shape,
    /// Where it is named.
    pub from: String,
}

/// Values may be secrets: only names are shown.
impl std::fmt::Debug for ServerSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerSpec")
            .field("name", &self.name)
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Why the servers of a folder cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read as what it should be.
    #[error("{path}: {message}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// No file names such a server.
    #[error("no server is called `{name}`: {known}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// What there is, in words.
        known: String,
    },
    /// A variable that a server needs is not set.
    #[error("{from}: server `{server}` needs the environment variable {variable}, which is not set")]
    Variable {
        /// The file.
        from: String,
        /// The server.
        server: String,
        /// The variable.
        variable: String,
    },
}

/// The servers that files name.
#[derive(Clone, Debug, Default)]
pub struct Config {
    servers: IndexMap<String, ServerSpec>,
}

/// A server as a file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    command: Option<String>,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// The tool that takes a question, for a server unlike Context7.
    #[serde(default)]
    tool: Option<String>,
    /// Its argument.
    #[serde(default)]
    argument: Option<String>,
}

/// What of a server in `.mcp.json` is of use here; clients write more.
const OF_USE: [&str; 5] = ["command", "args", "env", "url", "headers"];

#[derive(Deserialize)]
struct JsonFile {
    #[serde(default, rename = "mcpServers")]
    servers: IndexMap<String, serde_json::Map<String, Value>>,
}

#[derive(Deserialize)]
struct TomlFile {
    #[serde(default)]
    docs: TomlDocs,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TomlDocs {
    #[serde(default)]
    servers: IndexMap<String, Written>,
}

impl Config {
    /// The servers that the files of a folder name; those of `loadcase.toml` win.
    ///
    /// # Errors
    /// When a file is there and cannot be read as what it should be.
    pub fn read(folder: &Path) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        if let Some(text) = text(folder, ".mcp.json")? {
            config.add_json(&text)?;
        }
        if let Some(text) = text(folder, "loadcase.toml")? {
            config.add_toml(&text)?;
        }
        Ok(config)
    }

    fn add_json(&mut self, text: &str) -> Result<(), ConfigError> {
        let path = ".mcp.json";
        let file: JsonFile = serde_json::from_str(text).map_err(|e| bad(path, &e.to_string()))?;
        for (name, mut server) in file.servers.into_iter().take(MOST_SERVERS) {
            // Servers of a kind that is not spoken here may stand in the same file.
            if server.get("type").is_some_and(|t| t == "sse") && server.contains_key("url") {
                continue;
            }
            server.retain(|key, _| OF_USE.contains(&key.as_str()));
            let server = serde_json::from_value(Value::Object(server))
                .map_err(|e| bad(path, &format!("server `{name}`: {e}")))?;
            self.add(name, server, path)?;
        }
        Ok(())
    }

    fn add_toml(&mut self, text: &str) -> Result<(), ConfigError> {
        let path = "loadcase.toml";
        let file: TomlFile = toml::from_str(text).map_err(|e| bad(path, &e.to_string()))?;
        for (name, server) in file.docs.servers.into_iter().take(MOST_SERVERS) {
            self.add(name, server, path)?;
        }
        Ok(())
    }

    fn add(&mut self, name: String, server: Written, from: &str) -> Result<(), ConfigError> {
        let fault = |what: &str| bad(from, &format!("server `{name}` {what}"));
        let reach = match (server.command, server.url) {
            (Some(command), None) => {
                Reach::Program { command, arguments: server.args, environment: server.env }
            }
            (None, Some(url)) => Reach::Http { url, headers: server.headers },
            _ => return Err(fault("needs either `command` or `url`")),
        };
        let shape = match (server.tool, server.argument) {
            (None, None) => Shape::Library,
            (Some(tool), argument) => {
                Shape::Search { tool, argument: argument.unwrap_or_else(|| "query".to_owned()) }
            }
            (None, Some(_)) => return Err(fault("has `argument` without `tool`")),
        };
        let spec = ServerSpec { name: name.clone(), reach, shape, from: from.to_owned() };
        self.servers.insert(name, spec);
        Ok(())
    }

    /// The server of this name, as the files have it. Without one of that name, `context7` is the hosted one.
    ///
    /// # Errors
    /// When there is none.
    pub fn server(&self, name: &str) -> Result<ServerSpec, ConfigError> {
        if let Some(spec) = self.servers.get(name) {
            return Ok(spec.clone());
        }
        if name == "context7" {
            return Ok(hosted());
        }
        let names: Vec<&str> = self.servers.keys().map(String::as_str).collect();
        let known = if names.is_empty() {
            "neither .mcp.json nor loadcase.toml names any; `context7` is always there".to_owned()
        } else {
            format!("there are {} and context7", names.join(", "))
        };
        Err(ConfigError::Unknown { name: name.to_owned(), known })
    }
}

/// Context7 as it is hosted for everybody; a key is used where one is set.
#[must_use]
fn hosted() -> ServerSpec {
    let headers = BTreeMap::from([("CONTEXT7_API_KEY".to_owned(), "${CONTEXT7_API_KEY:-}".to_owned())]);
    ServerSpec {
        name: "context7".to_owned(),
        reach: Reach::Http { url: HOSTED.to_owned(), headers },
        shape: Shape::Library,
        from: "Loadcase".to_owned(),
    }
}

impl ServerSpec {
    /// What using it means, for telling before it is used: a program that starts, or a host that is called. Nothing
    /// that was filled in from the environment is in it.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.reach {
            Reach::Program { command, arguments, .. } => {
                format!(
                    "starts `{}` ({})",
                    [std::slice::from_ref(command), arguments].concat().join(" "),
                    self.from
                )
            }
            Reach::Http { url, .. } => format!("calls {} ({})", without_secrets(url), self.from),
        }
    }

    /// The same with variables filled in.
    ///
    /// # Errors
    /// The variable that is needed and not set.
    pub fn filled(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let fill = |text: &String| {
            expand(text, &variable).map_err(|missing| ConfigError::Variable {
                from: self.from.clone(),
                server: self.name.clone(),
                variable: missing,
            })
        };
        let all = |map: &BTreeMap<String, String>| {
            map.iter()
                .map(|(k, v)| Ok((k.clone(), fill(v)?)))
                .collect::<Result<BTreeMap<_, _>, ConfigError>>()
        };
        let reach = match &self.reach {
            Reach::Program { command, arguments, environment } => Reach::Program {
                command: fill(command)?,
                arguments: arguments.iter().map(fill).collect::<Result<_, _>>()?,
                environment: all(environment)?,
            },
            Reach::Http { url, headers } => Reach::Http {
                url: fill(url)?,
                // A header for which nothing is set is not sent.
                headers: all(headers)?.into_iter().filter(|(_, v)| !v.is_empty()).collect(),
            },
        };
        Ok(Self { reach, ..self.clone() })
    }
}

/// An address without user, password and query, which may hold keys.
fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').map_or((rest, ""), |(h, p)| (h, p));
            let host = host.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}/{path}")
        }
        None => url.to_owned(),
    }
}

/// Fills in `${NAME}` and `${NAME:-default}`; the error is the variable that is missing.
fn expand(text: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        out.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let Some(end) = inner.find('}') else {
            out.push_str(&rest[start..]);
            return Ok(out);
        };
        let (name, default) =
            inner[..end].split_once(":-").map_or((&inner[..end], None), |(n, d)| (n, Some(d)));
        match variable(name).filter(|v| default.is_none() || !v.is_empty()) {
            Some(value) => out.push_str(&value),
            None => out.push_str(default.ok_or_else(|| name.to_owned())?),
        }
        rest = &inner[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

fn text(folder: &Path, name: &str) -> Result<Option<String>, ConfigError> {
    let path = folder.join(name);
    let Ok(about) = std::fs::symlink_metadata(&path) else { return Ok(None) };
    if !about.is_file() || about.len() > LARGEST {
        return Err(bad(name, "it is no file of ordinary size"));
    }
    std::fs::read_to_string(&path).map(Some).map_err(|e| bad(name, &e.to_string()))
}

fn bad(path: &str, message: &str) -> ConfigError {
    ConfigError::File { path: path.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str, toml: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [(".mcp.json", json), ("loadcase.toml", toml)] {
            if !text.is_empty() {
                std::fs::write(folder.path().join(name), text).expect("written");
            }
        }
        Config::read(folder.path())
    }

    #[test]
    fn both_files_are_read_and_the_own_one_wins() {
        let json = r#"{"mcpServers": {
            "context7": {"command": "npx", "timeout": 5, "args": ["-y", "context7-mcp"], "env": {"KEY": "${K}"}},
            "old": {"type": "sse", "url": "https://old.test/sse"},
            "web": {"type": "http", "url": "https://${HOST:-docs.test}/mcp", "headers": {"X": "${EMPTY:-}"}}}}"#;
        let toml = "[docs.servers.context7]\nurl = \"http://127.0.0.1:1/mcp\"\n\n\
                    [docs.servers.wiki]\ncommand = \"wiki\"\ntool = \"search\"\n\n[review]\n";
        let config = read(json, toml).expect("read");
        let own = config.server("context7").expect("there");
        assert_eq!(own.told(), "calls http://127.0.0.1:1/mcp (loadcase.toml)");
        let wiki = config.server("wiki").expect("there");
        assert_eq!(wiki.shape, Shape::Search { tool: "search".to_owned(), argument: "query".to_owned() });
        let web = config.server("web").expect("there").filled(|_| None).expect("filled");
        let Reach::Http { url, headers } = web.reach else { panic!("HTTP") };
        assert_eq!((url.as_str(), headers.len()), ("https://docs.test/mcp", 0));
        let error = config.server("nobody").expect_err("none").to_string();
        assert!(error.contains("context7, web, wiki"), "{error}");
        assert_eq!(
            Config::default().server("context7").expect("hosted").told(),
            format!("calls {HOSTED} (Loadcase)")
        );
    }

    #[test]
    fn secrets_are_filled_in_late_and_never_told() {
        let json = r#"{"mcpServers": {
            "a": {"command": "run", "args": ["--key", "${SECRET}"], "env": {"T": "x${SECRET}y"}},
            "b": {"url": "https://user:${SECRET}@docs.test/mcp?key=${SECRET}"}}}"#;
        let config = read(json, "").expect("read");
        let secret = |name: &str| (name == "SECRET").then(|| "hunter2".to_owned());
        for name in ["a", "b"] {
            let spec = config.server(name).expect("there");
            assert!(matches!(spec.filled(|_| None), Err(ConfigError::Variable { .. })));
            let filled = spec.filled(secret).expect("filled");
            assert!(!format!("{:?} {}", filled, spec.told()).contains("hunter2"));
        }
        let told = config.server("b").expect("there").filled(secret).expect("filled").told();
        assert_eq!(told, "calls https://docs.test/mcp (.mcp.json)");
    }

    #[test]
    fn malformed_files_are_named() {
        for (json, toml, named) in [
            ("{", "", ".mcp.json"),
            (r#"{"mcpServers": {"x": {}}}"#, "", "`x`"),
            (r#"{"mcpServers": {"x": {"command": "x", "args": "y"}}}"#, "", "`x`"),
            ("", "[docs.servers.x]\ncommnd = \"x\"", "commnd"),
            ("", "[docs.servers.x]\ncommand = \"x\"\nargument = \"q\"", "tool"),
        ] {
            let error = read(json, toml).expect_err("malformed").to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
