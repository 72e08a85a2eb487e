//! Configuration and secrets in manifests.

use loadcase_model::{Aspect, State};

use crate::secret::{Secrecy, hidden, judge, url_hidden};
use crate::sighting::{Seen, Setting};
use crate::source::Sightings;
use crate::yaml::{Node, Value, document};

use super::super::container::About;
use super::Manifest;

/// Tells the values of a config map.
pub(super) fn config_map(manifest: &Manifest<'_>, out: &mut Sightings) {
    let name = manifest.name().to_owned();
    for (key, node) in manifest.node.get("data").map(Node::pairs).unwrap_or_default() {
        let Value::Scalar(text) = &node.value else { continue };
        for (key, value, line) in values(key, text, node.line) {
            let value = if manifest.optional {
                hidden(&key, &value)
            } else {
                About { out, of: Some(&name) }.variable(&key, &value, line)
            };
            let setting = Setting { of: Some(name.clone()), profile: None, key, value };
            out.add(line, Seen::Setting(setting));
        }
    }
}

/// The values behind a key: of a file in it when it is one, else its own.
fn values(key: &str, text: &str, line: usize) -> Vec<(String, String, usize)> {
    let is = |ends: &[&str]| ends.iter().any(|e| key.ends_with(e));
    if is(&[".yml", ".yaml", ".json"]) {
        let doc = document(text);
        let flat = doc.as_ref().map(Node::flat).unwrap_or_default();
        return flat.into_iter().map(|(k, v, l)| (k, v.to_owned(), line + l)).collect();
    }
    if is(&[".properties", ".env", ".conf.env"]) {
        let pair = |(i, l): (usize, &str)| {
            let (key, value) = l.trim().split_once('=').filter(|_| !l.trim_start().starts_with('#'))?;
            Some((key.trim().to_owned(), value.trim().to_owned(), line + i + 1))
        };
        return text.lines().enumerate().filter_map(pair).collect();
    }
    if text.lines().nth(1).is_some() {
        // Another kind of file: its own reader would have to see it.
        return Vec::new();
    }
    vec![(key.to_owned(), text.to_owned(), line)]
}

/// Tells the literals of a secret.
pub(super) fn secret(manifest: &Manifest<'_>, out: &mut Sightings) {
    let name = manifest.name().to_owned();
    for (group, encoded) in [("data", true), ("stringData", false)] {
        for (key, node) in manifest.node.get(group).map(Node::pairs).unwrap_or_default() {
            let Some(text) = node.text() else { continue };
            let plain = if encoded { decoded(text) } else { Some(text.to_owned()) };
            let secrecy = plain.as_deref().map_or(Secrecy::Literal, judge);
            // A secret may hold names of hosts and users beside the passwords.
            let open =
                ["host", "port", "user", "database", "url", "uri", "server", "addr", "dbname", "db_name"];
            let is_open =
                open.iter().any(|o| key.to_ascii_lowercase().contains(o)) && !crate::secret::is_key(key);
            let value = match &plain {
                Some(plain) if secrecy == Secrecy::Harmless => plain.clone(),
                Some(plain) if is_open => url_hidden(plain).unwrap_or_else(|| plain.clone()),
                _ => "***".to_owned(),
            };
            let has_secret = if is_open {
                plain.as_deref().is_some_and(|p| url_hidden(p).is_some())
            } else {
                secrecy != Secrecy::Harmless
            };
            if has_secret && !manifest.optional {
                let mut about = About { out, of: Some(&name) };
                about.practice(
                    node.line,
                    Aspect::LiteralSecret,
                    State::Present,
                    key,
                    "a Secret in a manifest",
                );
                if secrecy == Secrecy::Default {
                    let detail = "a value everybody tries first";
                    about.practice(node.line, Aspect::DefaultCredentials, State::Present, key, detail);
                }
            }
            let setting = Setting { of: Some(name.clone()), profile: None, key: key.clone(), value };
            out.add(node.line, Seen::Setting(setting));
        }
    }
}

/// Decodes base 64; nothing when it is none, or no text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0u32);
    for c in text.trim().trim_end_matches('=').bytes() {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b' ' => continue,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap_or(0));
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8(bytes).ok().map(|t| t.trim().to_owned())
}

/// Kinds by which secrets come from a store, or data is backed up.
const STORES: &[(&str, Aspect, &str)] = &[
    ("ExternalSecret", Aspect::SecretStore, "secrets come from an external store"),
    ("ClusterExternalSecret", Aspect::SecretStore, "secrets come from an external store"),
    ("SecretStore", Aspect::SecretStore, "an external store of secrets"),
    ("ClusterSecretStore", Aspect::SecretStore, "an external store of secrets"),
    ("SecretProviderClass", Aspect::SecretStore, "secrets are mounted from a store"),
    ("SealedSecret", Aspect::SecretStore, "secrets are sealed for the cluster"),
    ("VaultStaticSecret", Aspect::SecretStore, "secrets come from Vault"),
    ("VaultDynamicSecret", Aspect::SecretStore, "secrets come from Vault"),
    ("VaultSecret", Aspect::SecretStore, "secrets come from Vault"),
    ("ScheduledBackup", Aspect::Backup, "a scheduled backup"),
    ("VolumeSnapshot", Aspect::Backup, "a snapshot of a volume"),
    ("BackupSchedule", Aspect::Backup, "a scheduled backup"),
    ("PrometheusRule", Aspect::Alerting, "rules for alerts"),
    ("ServiceMonitor", Aspect::Metrics, "metrics are collected"),
    ("PodMonitor", Aspect::Metrics, "metrics are collected"),
];

/// Tells a custom resource that stands for a practice; whether it is one.
pub(super) fn store(manifest: &Manifest<'_>, out: &mut Sightings) -> bool {
    let velero = manifest.api.starts_with("velero.io/") && matches!(manifest.kind, "Schedule" | "Backup");
    let known = STORES.iter().find(|(kind, _, _)| *kind == manifest.kind).map(|(_, a, d)| (*a, *d));
    let Some((aspect, detail)) = known.or_else(|| velero.then_some((Aspect::Backup, "a scheduled backup")))
    else {
        return false;
    };
    if !manifest.optional {
        out.practice(manifest.line(), aspect, State::Present, manifest.name(), detail);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn base_64_is_decoded() {
        assert_eq!(decoded("cm9vdA==").as_deref(), Some("root"));
        assert_eq!(decoded("cGFzc3dvcmQ=").as_deref(), Some("password"));
        assert_eq!(decoded("!"), None);
    }
}
