//! Apache httpd: `ProxyPass`, `ProxyPassMatch` and `BalancerMember` as routes.

use crate::extract::Extractor;
use crate::sighting::{Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};

/// Reads the configuration of Apache httpd.
pub(super) const EXTRACTOR: Extractor = Extractor { id: "apache", reads, sees: &[], extract };

fn reads(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.ends_with(".conf") || lower.ends_with(".htaccess") || lower.ends_with("httpd.conf.template")
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    for (number, line) in source.text.lines().enumerate() {
        let mut words = line.split_whitespace().map(|w| w.trim_matches(['"', '\'']));
        let directive = words.next().unwrap_or("").to_ascii_lowercase();
        let rest: Vec<&str> = words.collect();
        let route = match directive.as_str() {
            // `ProxyPass /path http://host/`, and in a Location only the target.
            "proxypass" | "proxypassmatch" => match rest.as_slice() {
                [path, target, ..] if target.contains("://") => Some((Some(*path), *target)),
                [target, ..] if target.contains("://") => Some((None, *target)),
                _ => None,
            },
            "balancermember" => rest.first().map(|target| (None, *target)),
            _ => None,
        };
        let Some((path, target)) = route else { continue };
        if target.starts_with("balancer://") || !target.contains("://") {
            continue;
        }
        let mut reach = Reach::new(ReachKind::Route, target.replace("%{", "${"), "http");
        reach.path = path.map(str::to_owned);
        reach.technology = Some("httpd".to_owned());
        out.add(number + 1, Seen::Reach(Box::new(reach)));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{reaches, see};

    #[test]
    fn passed_paths_are_routes_and_exceptions_are_not() {
        let text = "ProxyPass /static !\nProxyPass /order http://order:8080/\n<Location /stock>\n  ProxyPass \"http://stock:8080/\"\n</Location>\nProxyPass /x balancer://pool\nBalancerMember http://x1:80\n";
        assert_eq!(
            reaches(&see("proxy/httpd.conf", text)),
            ["Route http://order:8080/", "Route http://stock:8080/", "Route http://x1:80"]
        );
    }
}
