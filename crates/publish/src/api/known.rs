//! What names say about text and numbers: a `country` has two letters, a `quantity` is at least one.
//!
//! These are conventions (ISO 3166, BCP 47, E.164, RFC 6838 and common sense); a blueprint that means something else
//! by a name changes the contract it gets.

use super::contract::Text;

/// Text by the last words of a field's name; the longest match counts.
const TEXTS: &[(&str, u32, u32, &str, &str)] = &[
    ("slug", 1, 120, "^[a-z0-9]+(-[a-z0-9]+)*$", "spring-collection-2026"),
    ("phone", 8, 16, "^[+][1-9][0-9]{6,14}$", "+493012345678"),
    ("country", 2, 2, "^[A-Z]{2}$", "DE"),
    ("language", 2, 8, "^[a-z]{2}(-[A-Z]{2})?$", "en-GB"),
    ("locale", 2, 8, "^[a-z]{2}(-[A-Z]{2})?$", "en-GB"),
    ("time_zone", 3, 64, "^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$", "Europe/Berlin"),
    ("sku", 1, 64, "^[A-Z0-9]+(-[A-Z0-9]+)*$", "TRS-42-BLU"),
    ("content_type", 3, 127, "^[a-z]+/[a-z0-9.+-]+$", "image/jpeg"),
    ("tracking_code", 6, 64, "^[A-Z0-9]+$", "JD014600006281230704"),
    ("voucher_code", 3, 40, "^[A-Z0-9-]+$", "SPRING-10"),
    ("code", 3, 64, "^[A-Za-z0-9-]+$", "A-1042"),
    ("handle", 2, 40, "^[a-z0-9_.]+$", "ada.lovelace"),
    ("login", 2, 64, "^[A-Za-z0-9_.-]+$", "ada.lovelace"),
    ("tag", 1, 64, "^[^\\s#]+$", "hiking"),
    ("emoji", 1, 32, "^[^\\s]+$", "thumbs-up"),
    ("version", 1, 64, "^[A-Za-z0-9.+_-]+$", "2.4.1"),
    ("firmware_version", 1, 64, "^[A-Za-z0-9.+_-]+$", "2.4.1"),
    ("serial", 4, 64, "^[A-Z0-9-]+$", "SN-2026-004217"),
    ("model", 1, 120, "^[^\\r\\n]*$", "TH-200 temperature sensor"),
    ("metric", 1, 120, "^[a-z0-9_.:/-]+$", "temperature"),
    ("environment", 1, 40, "^[a-z0-9-]+$", "production"),
    ("region", 2, 40, "^[A-Za-z0-9-]+$", "eu-central"),
    ("domain", 4, 253, "^[a-z0-9-]+([.][a-z0-9-]+)+$", "mail.example.com"),
    ("name", 1, 120, "^[^\\r\\n]*$", ""),
    ("family_name", 1, 120, "^[^\\r\\n]*$", "Lovelace"),
    ("given_name", 1, 120, "^[^\\r\\n]*$", "Ada"),
    ("display_name", 1, 120, "^[^\\r\\n]*$", "Ada Lovelace"),
    ("legal_name", 1, 200, "^[^\\r\\n]*$", "Lovelace Instruments Ltd"),
    ("title", 1, 200, "^[^\\r\\n]*$", ""),
    ("subject", 1, 200, "^[^\\r\\n]*$", "Your order is on its way"),
    ("reason", 0, 500, "^[^\\r\\n]*$", "As agreed on 2 March"),
    ("note", 0, 500, "^[^\\r\\n]*$", "Please ring twice"),
    ("number", 1, 40, "^[A-Z0-9-]+$", "A-2026-004217"),
    ("location", 1, 120, "^[^\\r\\n]*$", "BERLIN-1"),
    ("carrier", 1, 60, "^[A-Za-z0-9 _-]+$", "parcel-post"),
    ("provider", 1, 60, "^[a-z0-9_.-]+$", "main-provider"),
    ("plan", 1, 40, "^[a-z0-9-]+$", "team"),
    ("action", 1, 80, "^[a-z0-9_.:-]+$", "record.update"),
    ("actor", 1, 120, "^[A-Za-z0-9_.:@-]+$", "user:ada"),
    ("event", 1, 80, "^[A-Za-z0-9_. -]+$", "signup.completed"),
    ("source", 1, 80, "^[A-Za-z0-9_.:/-]+$", "web"),
    ("channel", 1, 60, "^[A-Za-z0-9_.-]+$", "email"),
    ("tax_class", 1, 40, "^[a-z0-9-]+$", "standard"),
    ("credit", 0, 120, "^[^\\r\\n]*$", "Photo: Grace Hopper"),
    ("alt_text", 0, 500, "^[^\\r\\n]*$", "A harbour at dawn"),
    ("default_branch", 1, 200, "^[A-Za-z0-9._/-]+$", "main"),
    ("commit", 7, 64, "^[0-9a-f]+$", "9fceb02d0ae598e95dc970b74767f19372d61af8"),
    ("source_commit", 7, 64, "^[0-9a-f]+$", "9fceb02d0ae598e95dc970b74767f19372d61af8"),
    ("path", 1, 400, "^[^\\r\\n]*$", "src/main.c"),
    ("digest", 8, 128, "^[A-Za-z0-9:+/=-]+$", "sha256:4c8f3b1d9a2e"),
    ("checksum", 8, 128, "^[A-Za-z0-9:+/=-]+$", "sha256:4c8f3b1d9a2e"),
    ("content_hash", 8, 128, "^[A-Za-z0-9:+/=-]+$", "sha256:4c8f3b1d9a2e"),
    ("fingerprint", 8, 128, "^[A-Za-z0-9:+/=-]+$", "sha256:4c8f3b1d9a2e"),
    ("certificate_print", 8, 128, "^[A-Za-z0-9:+/=-]+$", "sha256:4c8f3b1d9a2e"),
    ("prefix", 1, 20, "^[A-Za-z0-9_-]+$", "lc_live_8f3k"),
    ("provider_reference", 1, 120, "^[A-Za-z0-9_.:-]+$", "ref-3NvK2eLkd9"),
    ("bank_reference", 1, 120, "^[A-Za-z0-9_.:-]+$", "BNK-20260302-0042"),
    ("reference", 1, 120, "^[A-Za-z0-9_.:-]+$", "REF-20260302-0042"),
    ("key", 1, 120, "^[A-Za-z0-9_.:-]+$", "key-7c2f0a91"),
    ("last_four", 4, 4, "^[0-9]{4}$", "4242"),
    ("tax_number", 4, 40, "^[A-Za-z0-9 ./-]+$", "DE123456789"),
    ("plate", 2, 16, "^[A-Z0-9 -]+$", "B-LC 2026"),
    ("licence", 3, 60, "^[A-Za-z0-9 -]+$", "MD-104217"),
    ("national_key", 4, 40, "^[A-Za-z0-9-]+$", "A123456789"),
    ("schedule", 1, 120, "^[A-Za-z0-9*/,: -]+$", "0 6 * * 1-5"),
    ("recurrence", 0, 255, "^[A-Za-z0-9=;,:+-]*$", "FREQ=WEEKLY;BYDAY=MO"),
    ("period", 1, 40, "^[A-Za-z0-9-]+$", "2026-03"),
    ("season", 1, 40, "^[A-Za-z0-9-]+$", "2026-spring"),
    ("visitor_key", 8, 64, "^[A-Za-z0-9_-]+$", "v-7c2f0a91b4d8"),
    ("exercise", 1, 80, "^[A-Za-z0-9._-]+$", "fractions-3"),
    ("class_name", 1, 80, "^[^\\r\\n]*$", "7b"),
    ("seat", 1, 20, "^[A-Za-z0-9-]+$", "C-14"),
    ("label", 1, 60, "^[^\\r\\n]*$", "C-14"),
    ("gate", 1, 40, "^[A-Za-z0-9 -]+$", "North 2"),
    ("mode", 1, 40, "^[a-z0-9-]+$", "ranked-duo"),
    ("product", 1, 120, "^[A-Za-z0-9_.-]+$", "gems-500"),
    ("item_kind", 1, 80, "^[a-z0-9_.-]+$", "shield-bronze"),
    ("server_address", 3, 255, "^[A-Za-z0-9.:-]+$", "192.0.2.10:7777"),
    ("server", 1, 60, "^[A-Za-z0-9-]+$", "game-7"),
    ("codec", 1, 40, "^[A-Za-z0-9.-]+$", "av1"),
    ("device", 1, 120, "^[^\\r\\n]*$", "TV, living room"),
    ("destination", 1, 120, "^[A-Za-z0-9_.:@+-]+$", "DE"),
    ("purpose", 1, 120, "^[^\\r\\n]*$", "newsletter"),
    ("outcome", 1, 60, "^[a-z0-9-]+$", "succeeded"),
    ("error", 0, 500, "^[^\\r\\n]*$", "connection timed out"),
    ("level", 1, 20, "^[a-z]+$", "error"),
    ("stream", 1, 120, "^[A-Za-z0-9_.:/-]+$", "checkout"),
    ("venue", 1, 120, "^[^\\r\\n]*$", "Harbour Hall"),
    ("partner", 1, 120, "^[A-Za-z0-9_.-]+$", "central-laboratory"),
    ("storage_path", 1, 400, "^[A-Za-z0-9._/-]+$", "packages/9f/ce/widget-2.4.1.tgz"),
    ("query", 1, 255, "^[^\\r\\n]*$", "trail shoes"),
    ("address", 3, 320, "^[^\\r\\n]*$", "ada@example.com"),
    ("kind", 1, 40, "^[a-z0-9_.-]+$", "standard"),
    // Tokens of phones have some hundred characters; the addresses that browsers give out for Web Push are longer, above
    // 400 in Edge, and no service states a limit.
    ("push_token", 1, 2_048, "^[!-~]+$", "https://push.example.com/send/dG9rZW4tN2MyZjBhOTE"),
    // A telephone number, an address of mail, of a webhook or for push messages.
    ("target", 1, 2_048, "^[!-~]+$", "ada@example.com"),
];

/// Whole numbers by the last words of a field's name: least, most, an example.
const NUMBERS: &[(&str, i64, i64, i64)] = &[
    ("quantity", 1, 10_000, 2),
    ("party_size", 1, 1_000, 4),
    ("stars", 1, 5, 5),
    ("rating", 1, 5, 5),
    ("position", 0, 100_000, 3),
    // Object stores take no more in one request.
    ("size_bytes", 0, 5_368_709_120, 482_113),
    ("samples", 0, EXACT, 360),
    ("sequence", 0, EXACT, 1_842),
    ("clock", 0, EXACT, 1_842),
    ("duration_minutes", 1, 10_080, 60),
    ("minutes", 0, 100_000, 30),
    ("weight_grams", 0, 1_000_000, 640),
    ("weight", 0, 1_000_000, 10),
    ("birth_year", 1900, 2100, 2012),
    ("version", 0, i32::MAX as i64, 7),
    ("heading", 0, 359, 87),
    ("speed", 0, 1_000, 42),
    ("level", 0, 1_000, 12),
    ("score", -1_000_000_000, 1_000_000_000, 1_480),
    ("amount", -EXACT, EXACT, 250),
    ("change", -1_000_000_000, 1_000_000_000, 12),
    ("duration_ms", 0, EXACT, 48_200),
    ("latency_ms", 0, 3_600_000, 118),
    ("duration_s", 0, 31_536_000, 5_400),
    ("retention_days", 1, 36_500, 90),
    ("capacity", 0, 10_000_000, 120),
    ("on_hand", 0, 100_000_000, 48),
    ("reserved", 0, 100_000_000, 3),
    ("monthly_quota", 0, EXACT, 1_000_000),
    ("quota", 0, EXACT, 100_000),
    ("count", 0, EXACT, 7),
    ("events", 0, EXACT, 18_204),
    ("balance", -EXACT, EXACT, 1_200),
    ("bitrate_kbps", 1, 1_000_000, 4_800),
    ("attempt", 0, 1_000, 1),
    ("attempts", 0, 1_000, 1),
    ("line", 1, 10_000_000, 42),
    ("number", 0, i32::MAX as i64, 42),
];

/// The largest whole number that every JSON reader keeps exactly.
pub(crate) const EXACT: i64 = 9_007_199_254_740_991;

/// Whether `name` is `ending` or ends with it as a word.
fn ends(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
}

/// Constraints of a text field.
pub(crate) fn text(name: &str) -> Text {
    let found = TEXTS.iter().filter(|t| ends(name, t.0)).max_by_key(|t| t.0.len());
    found.map_or(Text::LINE, |&(_, least, most, pattern, example)| Text { least, most, pattern, example })
}

/// Most characters of a secret that somebody else made, where its name says no more than that it is one.
pub(crate) const SECRET: u32 = 512;

/// Constraints of a secret that is handed on, where its name says more than that it is one.
pub(crate) fn secret(name: &str) -> Option<Text> {
    ends(name, "push_token").then(|| text(name))
}

/// Most characters that the contract lets into a text field.
pub(crate) fn longest(name: &str) -> usize {
    let most = text(name).most;
    let handed = name.ends_with("token") || name.contains("credential");
    (if handed { most.max(SECRET) } else { most }) as usize
}

/// Least and most of a whole number.
pub(crate) fn range(name: &str) -> (i64, i64) {
    number(name).map_or((0, i64::from(i32::MAX)), |n| (n.1, n.2))
}

/// An example of a whole number.
pub(crate) fn whole(name: &str) -> Option<i64> {
    number(name).map(|n| n.3)
}

fn number(name: &str) -> Option<&'static (&'static str, i64, i64, i64)> {
    NUMBERS.iter().filter(|n| ends(name, n.0)).max_by_key(|n| n.0.len())
}

/// Lists of words by the last words of their name: pattern and example of each.
const LISTS: &[(&str, u32, &str, &str)] = &[
    ("scopes", 80, "^[a-z0-9_.:-]+$", "records:read"),
    ("events", 80, "^[A-Za-z0-9_.:-]+$", "record.updated"),
    ("kinds", 60, "^[a-z0-9_.-]+$", "standard"),
    ("types", 60, "^[A-Za-z0-9_.:/-]+$", "standard"),
    ("tags", 64, "^[^\\s#]+$", "hiking"),
    ("labels", 60, "^[^\\r\\n]+$", "urgent"),
    ("languages", 8, "^[a-z]{2}(-[A-Z]{2})?$", "en-GB"),
    ("countries", 2, "^[A-Z]{2}$", "DE"),
    ("currencies", 3, "^[A-Z]{3}$", "EUR"),
    ("origins", 255, "^https?://[A-Za-z0-9.:-]+$", "https://www.example.com"),
    ("domains", 253, "^[a-z0-9-]+([.][a-z0-9-]+)+$", "mail.example.com"),
    ("addresses", 320, "^[^\\r\\n]+$", "ada@example.com"),
    ("choices", 255, "^[^\\r\\n]+$", "Blue"),
];

/// Constraints of the words in a list, where the name of a document says that it is one of words.
pub(crate) fn words_of_list(name: &str) -> Option<Text> {
    let found = LISTS.iter().find(|l| ends(name, l.0))?;
    Some(Text { least: 1, most: found.1, pattern: found.2, example: found.3 })
}

/// Whether a document holds a list: its name is a plural.
pub(crate) fn is_list(name: &str) -> bool {
    const NOT: &[&str] =
        &["settings", "attributes", "properties", "stats", "preferences", "options", "conditions"];
    name.ends_with('s') && !name.ends_with("ss") && !NOT.iter().any(|n| ends(name, n))
}
