//! Tags of container images: `16-alpine3.19`, `3.12-slim-bookworm`, `latest`.

/// What a tag says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageTag {
    /// The version, without what stands behind it: `16`, `8.0.3-rc1`. None for `latest`, `alpine`, a digest.
    pub version: Option<String>,
    /// The distribution the image is built on, with its version where the tag has one: `alpine` and `3.19`, `debian`
    /// and `12` for `bookworm`.
    pub system: Option<(&'static str, String)>,
}

/// Code names, the distribution each belongs to and its version there: old ones are in no lifecycle any more.
const CODE_NAMES: &[(&str, &str, &str)] = &[
    ("trixie", "debian", "13"),
    ("bookworm", "debian", "12"),
    ("bullseye", "debian", "11"),
    ("buster", "debian", "10"),
    ("stretch", "debian", "9"),
    ("jessie", "debian", "8"),
    ("resolute", "ubuntu", "26.04"),
    ("noble", "ubuntu", "24.04"),
    ("jammy", "ubuntu", "22.04"),
    ("focal", "ubuntu", "20.04"),
    ("bionic", "ubuntu", "18.04"),
    ("xenial", "ubuntu", "16.04"),
];

/// Words that announce a version that is not out.
const EARLY: &[&str] = &["rc", "beta", "alpha", "preview", "milestone", "m", "a", "b"];

/// Reads a tag.
#[must_use]
pub fn image_tag(tag: &str) -> ImageTag {
    let lower = tag.to_ascii_lowercase();
    let system = lower.split('-').find_map(system);
    ImageTag { version: version(&lower), system }
}

fn version(tag: &str) -> Option<String> {
    let text = tag.strip_prefix('v').unwrap_or(tag);
    if let Some(day) = text.strip_prefix("release.").filter(|d| d.starts_with("20")) {
        return Some(format!("RELEASE.{}", day.to_ascii_uppercase()));
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let numbers = numbers.trim_end_matches('.');
    // A commit or a build that begins with digits.
    if !rest.is_empty() && !rest.starts_with(['-', '_', '+']) && early(rest).is_none() || numbers.len() > 40 {
        return None;
    }
    let pre = early(rest.trim_start_matches('-')).unwrap_or_default();
    Some(if pre.is_empty() { numbers.to_owned() } else { format!("{numbers}-{pre}") })
}

/// The pre-release at the beginning of what follows the numbers: `rc1`, `beta.2`.
fn early(rest: &str) -> Option<&str> {
    let word = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    if !EARLY.contains(&&rest[..word]) || !rest[word..].starts_with(|c: char| c.is_ascii_digit() || c == '.')
    {
        return None;
    }
    Some(rest.split('-').next().unwrap_or(rest))
}

fn system(part: &str) -> Option<(&'static str, String)> {
    if let Some(version) = part.strip_prefix("alpine") {
        return version
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| ("alpine-linux", version.to_owned()));
    }
    CODE_NAMES.iter().find(|(name, ..)| *name == part).map(|(_, of, version)| (*of, (*version).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::image_tag;

    #[test]
    fn tags_tell_versions_and_systems() {
        let told = |tag: &str| {
            let tag = image_tag(tag);
            (
                tag.version.unwrap_or_default(),
                tag.system.map(|(of, v)| format!("{of} {v}")).unwrap_or_default(),
            )
        };
        for (tag, version, system) in [
            ("16-alpine", "16", ""),
            ("16.4-alpine3.19", "16.4", "alpine-linux 3.19"),
            ("3.12-slim-bookworm", "3.12", "debian 12"),
            ("v1.30.2", "1.30.2", ""),
            ("17.0.9_9-jre", "17.0.9", ""),
            ("17-jdk-slim", "17", ""),
            ("8.0-rc1", "8.0-rc1", ""),
            ("18beta1", "18-beta1", ""),
            ("7.2.4-v9", "7.2.4", ""),
            ("RELEASE.2025-09-07T16-13-09Z", "RELEASE.2025-09-07T16-13-09Z", ""),
            ("latest", "", ""),
            ("alpine", "", ""),
            ("1f3d9c", "", ""),
            ("jammy", "", "ubuntu 22.04"),
        ] {
            assert_eq!(told(tag), (version.to_owned(), system.to_owned()), "{tag}");
        }
    }
}
