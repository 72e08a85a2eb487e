//! What every way of running containers has in common: images, environment, limits, mounts.

use loadcase_catalog::Sign;
use loadcase_model::{Aspect, Role, State};

use crate::secret::{Secrecy, is_key, judge, url_hidden, user_info};
use crate::sighting::{PracticeSeen, Seen};
use crate::source::{Sightings, Source, join};
use loadcase_catalog::image_tag;

/// The list of sightings together with the deployed thing they are about.
pub(super) struct About<'o, 'n> {
    /// Where sightings go.
    pub(super) out: &'o mut Sightings,
    /// The deployed thing; the unit of the file when absent.
    pub(super) of: Option<&'n str>,
}

impl About<'_, '_> {
    /// Adds a practice.
    pub(super) fn practice(
        &mut self,
        line: usize,
        aspect: Aspect,
        state: State,
        subject: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let of = self.of.map(str::to_owned);
        let (subject, detail) = (subject.into(), detail.into());
        self.out.add(line, Seen::Practice(PracticeSeen { of, aspect, state, subject, detail }));
    }

    /// Says whether an image is pinned.
    pub(super) fn image(&mut self, image: &str, line: usize) {
        let (state, detail) = match pinned(image) {
            Some(true) => (State::Present, "a fixed tag or digest"),
            Some(false) if image_tag(image).is_none() => (State::Absent, "no tag"),
            Some(false) => (State::Absent, "a tag that moves"),
            None => return,
        };
        self.practice(line, Aspect::ImagePin, state, image, detail);
    }

    /// Judges one variable and returns its value as it may be kept.
    pub(super) fn variable(&mut self, key: &str, value: &str, line: usize) -> String {
        self.runtime_flags(value, line);
        let lower = value.trim().to_ascii_lowercase();
        let on = matches!(lower.as_str(), "true" | "1" | "yes" | "on");
        if on && allows_empty_password(key) {
            let detail = "an account without a password";
            self.practice(line, Aspect::DefaultCredentials, State::Present, key, detail);
        }
        if (DEBUG_FLAGS.contains(&key) && (on || lower == "*"))
            || DEBUG_MODES.contains(&(key, lower.as_str()))
        {
            self.practice(line, Aspect::DebugSurface, State::Present, key, value);
        }
        if is_key(key) {
            match judge(value) {
                Secrecy::Harmless => {}
                // Accounts of this cloud have no such keys: an emulator of its services takes any.
                Secrecy::Default if key.starts_with("AWS_") => return value.to_owned(),
                Secrecy::Literal => {
                    self.practice(line, Aspect::LiteralSecret, State::Present, key, "literal value");
                    return "***".to_owned();
                }
                Secrecy::Default => {
                    self.practice(
                        line,
                        Aspect::DefaultCredentials,
                        State::Present,
                        key,
                        "a value everybody tries first",
                    );
                    self.practice(line, Aspect::LiteralSecret, State::Present, key, "literal value");
                    return "***".to_owned();
                }
            }
        }
        self.url(key, value, line)
    }

    /// Says where a password is the same as the name of its user.
    pub(super) fn same_as_user(&mut self, variables: &[(String, String, usize)]) {
        for (key, value, line) in variables {
            let user = variables.iter().find(|(k, v, _)| {
                v == value && !v.is_empty() && k.to_ascii_lowercase().contains("user") && k != key
            });
            if let Some((_, name, _)) = user.filter(|_| is_key(key) && judge(value) == Secrecy::Literal) {
                let detail = format!("the password is the name of the user `{name}`");
                self.practice(*line, Aspect::DefaultCredentials, State::Present, key, detail);
            }
        }
    }

    /// A value whose URLs' passwords are hidden and told.
    pub(super) fn url(&mut self, key: &str, value: &str, line: usize) -> String {
        let Some(hidden) = url_hidden(value) else { return value.to_owned() };
        self.practice(line, Aspect::LiteralSecret, State::Present, key, "literal password in an address");
        let first = value.split_once("://").and_then(|(_, after)| user_info(after));
        if let Some((user, password, _)) = first
            && (judge(password) == Secrecy::Default || user == password)
        {
            self.practice(line, Aspect::DefaultCredentials, State::Present, key, user);
        }
        hidden
    }

    /// Says what a command line or variable lets a runtime do: heap and debugging port.
    pub(super) fn runtime_flags(&mut self, text: &str, line: usize) {
        if let Some((flag, detail)) = heap(text) {
            self.practice(line, Aspect::HeapLimit, State::Present, flag, detail);
        }
        for (flag, detail) in DEBUG_PORTS {
            if text.contains(flag) {
                self.practice(line, Aspect::DebugSurface, State::Present, *flag, *detail);
                break;
            }
        }
        if let Some(tool) = BACKUP_TOOLS.iter().find(|t| text.contains(*t)) {
            self.practice(line, Aspect::Backup, State::Present, *tool, "a command that copies data away");
        }
    }

    /// A command line without secrets, its practices told.
    pub(super) fn command(&mut self, text: &str, line: usize) -> String {
        self.runtime_flags(text, line);
        let mut out: Vec<String> = Vec::new();
        let mut hide_next: Option<String> = None;
        for word in text.split_whitespace() {
            if let Some(key) = hide_next.take()
                && judge(word) != Secrecy::Harmless
                && !word.starts_with('-')
            {
                self.practice(line, Aspect::LiteralSecret, State::Present, key, "literal value in a command");
                out.push("***".to_owned());
                continue;
            }
            match word.split_once('=') {
                Some((flag, value)) if is_flag_of_secret(flag) && judge(value) != Secrecy::Harmless => {
                    let detail = "literal value in a command";
                    self.practice(line, Aspect::LiteralSecret, State::Present, flag, detail);
                    out.push(format!("{flag}=***"));
                }
                None if word.starts_with('-') && is_flag_of_secret(word) => {
                    hide_next = Some(word.to_owned());
                    out.push(word.to_owned());
                }
                _ => out.push(word.to_owned()),
            }
        }
        let joined = out.join(" ");
        self.url("command", &joined, line)
    }

    /// Says that a port is reachable from outside.
    pub(super) fn published(&mut self, port: &str, bind: Option<&str>, what: &str, line: usize) {
        let loopback = bind.is_some_and(|b| b.starts_with("127.") || b == "localhost" || b == "::1");
        let (state, detail) = if loopback {
            (State::Absent, "bound to the loopback address".to_owned())
        } else {
            (State::Present, what.to_owned())
        };
        self.practice(line, Aspect::Exposure, state, port, detail);
    }

    /// Says that a published admin interface or debugging port is live.
    pub(super) fn admin_surface(&mut self, sign: Option<&Sign>, line: usize) {
        if let Some(sign) = sign.filter(|s| s.role == Some(Role::AdminServer)) {
            let detail = "an administration interface is published";
            self.practice(line, Aspect::DebugSurface, State::Present, sign.technology.as_str(), detail);
        }
    }

    /// Says that a workload may take over its host.
    pub(super) fn privilege(&mut self, line: usize, subject: &str, detail: &str) {
        self.practice(line, Aspect::Privilege, State::Present, subject, detail);
    }

    /// Judges a mounted path of the host.
    pub(super) fn host_path(&mut self, path: &str, line: usize) {
        if path.ends_with("docker.sock") || path.ends_with("containerd.sock") || path.ends_with("crio.sock") {
            self.privilege(line, path, "the socket of the container engine is mounted");
        } else if SENSITIVE_PATHS.contains(&path.trim_end_matches('/')) {
            self.privilege(line, path, "a folder of the host's system is mounted");
        }
    }
}

/// Variables that switch debugging on.
const DEBUG_FLAGS: &[&str] =
    &["FLASK_DEBUG", "DJANGO_DEBUG", "APP_DEBUG", "DEBUG", "RAILS_DEBUG", "DEBUG_MODE", "WERKZEUG_DEBUG"];

/// Variables whose value puts a framework into its development mode.
const DEBUG_MODES: &[(&str, &str)] = &[
    ("FLASK_ENV", "development"),
    ("APP_ENV", "local"),
    ("RAILS_ENV", "development"),
    ("ASPNETCORE_ENVIRONMENT", "development"),
    ("VAULT_DEV_ROOT_TOKEN_ID", "root"),
];

/// Flags that open a debugging port.
const DEBUG_PORTS: &[(&str, &str)] = &[
    ("agentlib:jdwp", "a debugging port of the Java runtime"),
    ("-Xrunjdwp", "a debugging port of the Java runtime"),
    ("--inspect=0.0.0.0", "a debugging port of Node.js on every address"),
    ("--inspect-brk=0.0.0.0", "a debugging port of Node.js on every address"),
    ("com.sun.management.jmxremote.authenticate=false", "management of the Java runtime without login"),
    ("-m debugpy", "a debugging port of Python"),
    ("dlv debug", "a debugging port of Go"),
    ("dlv exec", "a debugging port of Go"),
];

/// Programs that copy data away.
const BACKUP_TOOLS: &[&str] = &[
    "pg_dump",
    "pg_basebackup",
    "pgbackrest",
    "wal-g",
    "barman",
    "mysqldump",
    "xtrabackup",
    "mariadb-backup",
    "mongodump",
    "restic",
    "velero",
    "duplicity",
    "etcdctl snapshot",
    "cqlsh-backup",
    "redis-cli --rdb",
];

/// Folders of a host that give power over it.
const SENSITIVE_PATHS: &[&str] = &[
    "",
    "/etc",
    "/proc",
    "/sys",
    "/dev",
    "/root",
    "/boot",
    "/var/run",
    "/run",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/etc/kubernetes",
    "/var/log",
    "/usr",
    "/lib",
    "/home",
    "/var",
];

/// Linux capabilities with which a container can leave its bounds.
pub(super) const DANGEROUS_CAPABILITIES: &[&str] = &[
    "ALL",
    "SYS_ADMIN",
    "NET_ADMIN",
    "SYS_PTRACE",
    "SYS_MODULE",
    "SYS_RAWIO",
    "DAC_READ_SEARCH",
    "BPF",
    "SYS_BOOT",
    "MAC_ADMIN",
];

fn allows_empty_password(key: &str) -> bool {
    matches!(
        key,
        "MYSQL_ALLOW_EMPTY_PASSWORD"
            | "MARIADB_ALLOW_EMPTY_PASSWORD"
            | "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD"
            | "ALLOW_EMPTY_PASSWORD"
            | "ALLOW_ANONYMOUS_LOGIN"
            | "ALLOW_PLAINTEXT_LISTENER"
    )
}

fn is_flag_of_secret(flag: &str) -> bool {
    let name = flag.trim_start_matches('-');
    is_key(name) || matches!(name, "requirepass" | "masterauth")
}

/// Whether an image is pinned; nothing when its tag is only known when it runs.
pub(super) fn pinned(image: &str) -> Option<bool> {
    if image.contains('@') {
        return Some(true);
    }
    let Some(tag) = image_tag(image) else {
        // The whole image is a variable, or its last part is.
        return if image.rsplit('/').next().is_some_and(|l| l.contains('$')) { None } else { Some(false) };
    };
    if tag.contains('$') {
        let known = crate::template::resolve(tag, &|_| None);
        return if known.contains('$') { None } else { Some(fixed(&known)) };
    }
    Some(fixed(tag))
}

/// A tag with a version in it stands still, `latest` and `alpine` do not.
fn fixed(tag: &str) -> bool {
    let moving = ["latest", "nightly", "edge", "main", "master", "snapshot", "canary"];
    let lower = tag.to_ascii_lowercase();
    tag.chars().any(|c| c.is_ascii_digit())
        && !moving.iter().any(|m| lower.split(['-', '_', '.']).any(|p| p == *m))
}

/// The heap a text gives a runtime: flag and megabytes or share.
pub(super) fn heap(text: &str) -> Option<(&'static str, String)> {
    let number = |flag: &str, allowed: &[char]| -> Option<String> {
        let rest = text.get(text.find(flag)? + flag.len()..)?;
        let rest = rest.trim_start_matches(['=', ' ', ':']);
        let value: String =
            rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.' || allowed.contains(c)).collect();
        value.starts_with(|c: char| c.is_ascii_digit()).then_some(value)
    };
    let sizes = ['k', 'K', 'm', 'M', 'g', 'G'];
    for flag in ["-Xmx", "-XX:MaxHeapSize"] {
        if let Some(value) = number(flag, &sizes)
            && let Some(gb) = gigabytes(&value)
        {
            return Some(("-Xmx", format!("{}", (gb * 1024.0).round())));
        }
    }
    if let Some(value) = number("--max-old-space-size", &[]) {
        return Some(("--max-old-space-size", value));
    }
    number("-XX:MaxRAMPercentage", &[])
        .map(|share| ("-XX:MaxRAMPercentage", format!("{share}% of the container")))
}

/// A size such as `300M`, `512Mi`, `1.5g` or `1000000` in gigabytes of 1024 megabytes.
pub(super) fn gigabytes(text: &str) -> Option<f64> {
    let text = text.trim().trim_matches(['"', '\'']);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text.get(..end)?.parse().ok()?;
    let unit = text.get(end..)?.to_ascii_lowercase();
    let bytes = match unit.as_str() {
        "" | "b" => 1.0,
        "k" | "kb" | "ki" | "kib" => 1024.0,
        "m" | "mb" | "mi" | "mib" => 1024.0 * 1024.0,
        "g" | "gb" | "gi" | "gib" => 1024.0 * 1024.0 * 1024.0,
        "t" | "tb" | "ti" | "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    let gb = number * bytes / (1024.0 * 1024.0 * 1024.0);
    (gb.is_finite() && gb > 0.0).then_some(gb)
}

/// Processor time such as `500m` or `0.5`, in vCPU.
pub(super) fn vcpu(text: &str) -> Option<f64> {
    let text = text.trim().trim_matches(['"', '\'']);
    let value = match text.strip_suffix('m') {
        Some(milli) => milli.parse::<f64>().ok()? / 1000.0,
        None => text.parse().ok()?,
    };
    (value.is_finite() && value > 0.0).then_some(value)
}

/// Whether what a sign stands for holds data that should outlive its process.
pub(super) fn is_durable(sign: &Sign) -> bool {
    matches!(sign.role, Some(Role::Store | Role::Search | Role::ObjectStore | Role::Broker))
}

/// Whether a path inside a container holds only configuration or start scripts, no data.
pub(super) fn is_configuration_path(path: &str) -> bool {
    path.contains("initdb")
        || path.starts_with("/etc")
        || path.starts_with("/tmp")
        || path.starts_with("/var/run")
        || path.contains("/conf")
        || path.contains("init-script")
        || path.contains("/certs")
        || path.contains("/log")
        || path.rsplit('/').next().is_some_and(|leaf| {
            [
                ".conf",
                ".cnf",
                ".sql",
                ".js",
                ".sh",
                ".yml",
                ".yaml",
                ".json",
                ".xml",
                ".properties",
                ".ini",
                ".key",
                ".toml",
            ]
            .iter()
            .any(|e| leaf.ends_with(e))
        })
}

/// The image that the last stage of a Dockerfile is built on, stages of the file itself followed.
pub(super) fn base_image(text: &str) -> Option<String> {
    super::dockerfile::stages(text).base().map(str::to_owned)
}

/// The base image of a build folder's Dockerfile.
pub(super) fn base_of_build(source: &Source<'_>, context: &str, dockerfile: Option<&str>) -> Option<String> {
    let path = join(context, dockerfile.unwrap_or("Dockerfile"))?;
    base_image(&source.other(&path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_heaps_are_read() {
        assert_eq!(gigabytes("512Mi"), Some(0.5));
        assert_eq!(gigabytes("1.5g"), Some(1.5));
        assert_eq!(vcpu("250m"), Some(0.25));
        assert_eq!(heap("java -Xmx1200m -jar x"), Some(("-Xmx", "1200".to_owned())));
        assert_eq!(heap("-XX:MaxRAMPercentage=75.0").map(|h| h.1), Some("75.0% of the container".to_owned()));
    }

    #[test]
    fn pins_are_judged_by_the_tag() {
        assert_eq!(pinned("redis"), Some(false));
        assert_eq!(pinned("redis:alpine"), Some(false));
        assert_eq!(pinned("a/b:latest"), Some(false));
        assert_eq!(pinned("localhost:5000/b:1.2"), Some(true));
        assert_eq!(pinned("a/b:${TAG}"), None);
        assert_eq!(pinned("a/b:${TAG:-1.0}"), Some(true));
        assert_eq!(pinned("x@sha256:abc"), Some(true));
    }
}
