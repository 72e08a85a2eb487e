//! Hosts: whom a resolved target names.

/// Whom a target names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    /// The name, lower case, without port and user.
    pub(crate) name: String,
    /// The port, when it is written.
    pub(crate) port: Option<u16>,
    /// The path after the host.
    pub(crate) path: String,
    /// The scheme, when there is one: `http`, `jdbc:postgresql`, `lb`.
    pub(crate) scheme: Option<String>,
}

impl Host {
    /// Whether it is this machine.
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.name.as_str(), "localhost" | "127.0.0.1" | "0.0.0.0" | "::1" | "host.docker.internal")
    }

    /// Whether it is a public name on the internet.
    pub(crate) fn is_public(&self) -> bool {
        let mut labels = self.name.rsplit('.');
        let last = labels.next().unwrap_or("");
        labels.next().is_some_and(|l| !l.is_empty())
            && last.len() >= 2
            && last.chars().all(|c| c.is_ascii_alphabetic())
            && !matches!(
                last,
                "local"
                    | "internal"
                    | "svc"
                    | "lan"
                    | "localdomain"
                    | "default"
                    | "example"
                    | "test"
                    | "invalid"
            )
    }

    /// The label people call a public host by: `api.paypal.com` is `paypal`.
    pub(crate) fn brand(&self) -> &str {
        let labels: Vec<&str> = self.name.split('.').collect();
        let second = labels.len().saturating_sub(2);
        let short = matches!(labels.get(second), Some(&("co" | "com" | "org" | "net" | "ac" | "gov")));
        labels.get(if short && second > 0 { second - 1 } else { second }).copied().unwrap_or(&self.name)
    }
}

/// Reads the hosts of a target: a URL, `host:port`, a list of them, a connection string of `key=value` pairs.
pub(crate) fn hosts(target: &str) -> Vec<Host> {
    let target = target.trim().trim_matches(['"', '\'']);
    // A list of URLs: `http://a:1/,http://b:2/`.
    if target.matches("://").count() > 1 && target.contains(',') {
        return target.split(',').take(16).flat_map(hosts).collect();
    }
    if let Some(host) = from_pairs(target) {
        return vec![host];
    }
    let (scheme, rest) = match target.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => match target.split_once(":@") {
            // jdbc:oracle:thin:@host:port
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, target.trim_start_matches("//")),
        },
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = (&rest[..end], &rest[end..]);
    let authority = authority.rsplit('@').next().unwrap_or(authority);
    let one = |part: &str| host(part, path, scheme.as_deref());
    authority.split([',', ';']).filter_map(one).collect()
}

fn host(part: &str, path: &str, scheme: Option<&str>) -> Option<Host> {
    let part = part.trim();
    // A list of URLs: `http://a:1/,http://b:2/`.
    let part = part.rsplit("://").next().unwrap_or(part);
    let (name, port) = match part.strip_prefix('[').and_then(|p| p.split_once(']')) {
        Some((name, rest)) => (name, rest.trim_start_matches(':')),
        None => part.split_once(':').unwrap_or((part, "")),
    };
    // `db:1521:xe` of Oracle: the port ends at the next colon.
    let port = port.split(':').next().and_then(|p| p.parse().ok());
    let name = name.to_ascii_lowercase();
    let fits = !name.is_empty()
        && name.len() < 254
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'));
    fits.then(|| Host { name, port, path: path.to_owned(), scheme: scheme.map(str::to_owned) })
}

/// Connection strings of pairs: `Server=db,1433;Database=x`, `host=db port=5432`, `user:pw@tcp(db:3306)/x`.
fn from_pairs(target: &str) -> Option<Host> {
    if let Some((_, rest)) = target.split_once("tcp(") {
        return host(rest.split(')').next()?, "", None);
    }
    let (_, pairs) = if target.contains("://") { return None } else { ((), target) };
    for pair in pairs.split([';', ' ']) {
        let Some((key, value)) = pair.split_once('=') else { continue };
        if matches!(
            key.trim().to_ascii_lowercase().as_str(),
            "server" | "host" | "data source" | "source" | "address" | "addr" | "endpoint"
        ) {
            let value = value.trim().trim_start_matches("tcp:").replace(',', ":");
            return host(&value, "", None);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(target: &str) -> Vec<String> {
        hosts(target)
            .into_iter()
            .map(|h| format!("{}{}", h.name, h.port.map_or(String::new(), |p| format!(":{p}"))))
            .collect()
    }

    #[test]
    fn every_common_form_names_its_host() {
        for (target, expected) in [
            ("http://user:pw@Catalogue:8080/products/{id}", "catalogue:8080"),
            ("lb://ORDER-SERVICE", "order-service"),
            ("jdbc:mysql://db:3306/x?useSSL=false", "db:3306"),
            ("jdbc:oracle:thin:@db:1521:xe", "db:1521"),
            ("mongodb+srv://u:p@cluster.mongodb.net/x", "cluster.mongodb.net"),
            ("Server=sql,1433;Database=Catalog", "sql:1433"),
            ("host=postgres port=5432 user=x", "postgres"),
            ("root:pw@tcp(mysql:3306)/shop", "mysql:3306"),
            ("productcatalog:3550", "productcatalog:3550"),
            ("redis", "redis"),
        ] {
            assert_eq!(names(target).first().map(String::as_str), Some(expected), "{target}");
        }
        assert_eq!(names("k1:9092,k2:9092"), ["k1:9092", "k2:9092"]);
        assert_eq!(names("http://a:1/x/,http://b:2/y"), ["a:1", "b:2"]);
        assert!(names("${UNKNOWN}").is_empty());
    }

    #[test]
    fn brands_are_the_label_people_use() {
        let brand = |url: &str| hosts(url)[0].brand().to_owned();
        assert_eq!(brand("https://api.sandbox.paypal.com/v1"), "paypal");
        assert_eq!(brand("https://www.example.co.uk"), "example");
    }
}
