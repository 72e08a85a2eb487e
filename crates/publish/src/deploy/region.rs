//! Where a platform or a module of Terraform runs a design: the main region of the blueprint in the words of the
//! provider.

use loadcase_catalog::Technology;

use super::plan::Plan;

/// Words of a region's name that put it into another part of the world than Europe.
const AMERICA: &[&str] = &[
    "us",
    "usa",
    "america",
    "na",
    "oregon",
    "ohio",
    "virginia",
    "nyc",
    "iad",
    "sfo",
    "canada",
    "northamerica",
];
const ASIA: &[&str] =
    &["ap", "asia", "singapore", "japan", "tokyo", "india", "mumbai", "sgp", "sin", "australia"];

/// The region of a provider for a design. The provider's one in Europe is taken where the blueprint names no region,
/// because data that must stay there cannot be brought back.
pub(crate) fn of<'c>(plan: &Plan<'c>, provider: &str) -> &'c str {
    let text = plan.view.blueprint().deployment.regions.first().map_or("", String::as_str);
    plan.view.catalog.technology(provider).map_or("", |provider| named(provider, text))
}

pub(crate) fn named<'c>(provider: &'c Technology, text: &str) -> &'c str {
    let text = text.to_lowercase();
    let mut all = provider.regions.values().chain(&provider.more_regions);
    if let Some(own) = all.find(|r| **r == text) {
        return own;
    }
    let words = || text.split(|c: char| !c.is_ascii_alphabetic());
    if let Some(area) = words().find_map(|word| provider.regions.get(word)) {
        return area;
    }
    let is = |wanted: &[&str]| words().any(|word| wanted.contains(&word));
    let areas: &[&str] = match () {
        () if is(AMERICA) => &["us"],
        () if is(ASIA) => &["singapore", "us"],
        () => &["eu"],
    };
    areas.iter().find_map(|area| provider.regions.get(*area)).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_other_providers_lead_to_the_same_part_of_the_world() {
        let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is sound");
        let provider = |id: &str| catalog.technology(id).expect("a provider");
        for (written, wanted) in [
            ("", "frankfurt"),
            ("eu-central-1", "frankfurt"),
            ("Germany", "frankfurt"),
            ("us-east-1", "virginia"),
            ("oregon", "oregon"),
            ("ap-southeast-1", "singapore"),
        ] {
            assert_eq!(named(provider("render"), written), wanted, "{written}");
        }
        assert_eq!(named(provider("digitalocean"), "ams"), "ams");
        assert_eq!(named(provider("azure"), "eu-central-1"), "westeurope", "no region of another provider");
        assert_eq!(named(provider("azure"), "germanywestcentral"), "germanywestcentral");
        assert_eq!(named(provider("aws"), "us-west-2"), "us-west-2");
        assert_eq!(named(provider("hetzner"), "uk"), "fsn1", "no region there");
        assert_eq!(named(provider("gcp"), "canada"), "northamerica-northeast1");
    }
}
