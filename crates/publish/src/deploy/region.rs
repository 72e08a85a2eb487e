//! Where a platform runs a design: the main region of the blueprint in the words of the provider.

use super::plan::Plan;

/// A provider's names, the one in Europe first: it is taken where the blueprint names no region, because data that
/// must stay there cannot be brought back.
pub(crate) struct Regions {
    pub(crate) europe: &'static str,
    pub(crate) america: &'static str,
    pub(crate) asia: &'static str,
    /// Others that a blueprint may name as they are.
    pub(crate) others: &'static [&'static str],
}

pub(crate) const RENDER: Regions =
    Regions { europe: "frankfurt", america: "virginia", asia: "singapore", others: &["oregon", "ohio"] };

pub(crate) const FLY: Regions = Regions {
    europe: "fra",
    america: "iad",
    asia: "sin",
    others: &[
        "ams", "arn", "cdg", "lhr", "ewr", "lax", "sjc", "ord", "dfw", "yyz", "gru", "nrt", "syd", "bom",
        "jnb",
    ],
};

pub(crate) const HEROKU: Regions = Regions { europe: "eu", america: "us", asia: "us", others: &[] };

pub(crate) const DIGITALOCEAN: Regions = Regions {
    europe: "fra",
    america: "nyc",
    asia: "sgp",
    others: &["ams", "lon", "sfo", "tor", "blr", "syd", "atl"],
};

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

impl Regions {
    /// The region for a design.
    pub(crate) fn of(&self, plan: &Plan<'_>) -> &'static str {
        self.named(plan.view.blueprint().deployment.regions.first().map_or("", String::as_str))
    }

    fn named(&self, text: &str) -> &'static str {
        let text = text.to_lowercase();
        let all = [self.europe, self.america, self.asia].into_iter().chain(self.others.iter().copied());
        if let Some(own) = all.into_iter().find(|r| *r == text) {
            return own;
        }
        let is =
            |words: &[&str]| text.split(|c: char| !c.is_ascii_alphabetic()).any(|part| words.contains(&part));
        match () {
            () if is(AMERICA) => self.america,
            () if is(ASIA) => self.asia,
            () => self.europe,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_other_providers_lead_to_the_same_part_of_the_world() {
        for (written, wanted) in [
            ("", "frankfurt"),
            ("eu-central-1", "frankfurt"),
            ("Germany", "frankfurt"),
            ("us-east-1", "virginia"),
            ("oregon", "oregon"),
            ("ap-southeast-1", "singapore"),
        ] {
            assert_eq!(RENDER.named(written), wanted, "{written}");
        }
        assert_eq!(DIGITALOCEAN.named("ams"), "ams");
    }
}
