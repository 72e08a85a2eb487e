//! Words near a number that say which of several things it measures, and when.

use crate::lex::Text;
use crate::phrase::{Effort, Match, Matcher};

macro_rules! cues {
    ($($(#[doc = $doc:literal])+ $name:ident: [$($phrase:literal),+ $(,)?];)+) => {
        /// What a word says about a number near it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Cue { $($(#[doc = $doc])+ $name,)+ }

        const CUES: &[(Cue, &[&str])] = &[$((Cue::$name, &[$($phrase),+]),)+];
    };
}

cues! {
    /// In 24 months or so.
    Later: [
        "in|within|after # year|years", "in the next|coming # years", "over|in|within|during the next|coming ?# year|years", "next year", "# year|years from now",
        "# years out", "by|until|in 2027|2028|2029|2030", "by the end of 2027|2028|2029", "in year two|three|2|3", "year two|three|2|3", "eventually",
        "in the future", "later on", "later", "in 12|18|24|30|36 months", "in eighteen|twelve|twenty-four months", "within 12|18|24 months", "long term|long-term",
        "by then", "at that point", "in # months time", "two-year|24-month horizon|plan|target|projection|forecast", "down the road",
        "year from now", "in a year", "within a year",
    ];
    /// Grows to this number.
    Reach: [
        "grow* to", "reach*", "scale* to", "rise* to", "climb* to", "heading to|for|towards", "aim* for|at|to", "up from", "become|becomes", "projected",
        "forecast*", "hope* for|to", "target* of|is", "ambition*", "goal is",
    ];
    /// Today or at launch.
    Now: [
        "today", "now", "currently", "at launch", "at|for the moment", "at present", "right now", "this year", "so far", "already", "initially",
        "on day one", "from day one", "day one", "to start with", "at first", "at the start|beginning", "in the first months|weeks|month|year", "first year", "for launch", "until now", "these days",
        "at go-live", "current", "present",
    ];
    /// Happened before.
    Past: ["grew", "went", "has|have grown", "increased", "rose", "was", "were", "in 2010|2011|2012|2013|2014|2015|2016|2017|2018|2019|2020|2021|2022|2023|2024|2025", "ago", "last year", "used to", "went from", "over the past|last # years|months", "in the past|last"];
    /// The busiest time.
    Peak: [
        "peak*", "spike*", "burst*", "busiest", "rush", "surge*", "maximum", "max", "worst case", "worst-case", "black friday", "prime time", "at dinner|lunch|lunchtime|noon|night|christmas|launch-time",
        "high season", "at the top", "rise* to", "flash", "hot hour|minute|hours", "during a sale", "kick-off", "on game day|days|night", "top of the hour",
    ];
    /// The mean or an ordinary time.
    Average: ["average*", "mean", "typical*", "normal day", "ordinary day", "baseline", "sustained", "all day", "around the clock", "on a usual day", "steady state", "base load", "avg"];
    /// Money that may be spent.
    Budget: [
        "budget*", "afford*", "spend up to|at most|no more", "can spend", "must|should|to|not cost|exceed", "keep .. under|below|within", "under", "below", "at most", "no more than", "less than",
        "cap|capped|ceiling|limit", "allowed", "willing to", "monthly bill under|below", "want the .. bill", "have .. to spend", "infrastructure money|funds",
    ];
    /// What is paid today.
    Bill: ["bill", "bills", "invoice is|was", "we|i spend", "spends", "spending", "we|i|us|and ?currently|?now|?already|?today pay", "paying", "pay us|for hosting|infrastructure", "cost|costs us", "costs", "cost", "costing", "run* for", "run* at", "currently at", "infrastructure is", "hosting is", "expens*", "charges|charge|bills|invoices us", "cloud|hyperscaler|provider charges|charge|takes|wants"];
    /// Money that is no bill for infrastructure.
    Revenue: [
        "revenue*", "practices|schools|clinics|gyms|restaurants|hotels|salons|agencies|firms|offices|teachers|authors|parents|subscribers|farmers|landlords|workshops|clubs|hospitals|banks|teams|each|who ?each pay", "customers|shops|users|tenants|most|they|members|people|clients|companies|merchants|readers pay", "pays", "clients|customers|tenants|companies|licences|licenses|contracts|banks|hospitals each|at", "made", "makes", "earn*", "mrr", "arr", "turnover", "sales", "rais*", "seed", "funding", "series a|b|c", "grant", "valuation", "worth", "profit*", "price*", "pricing", "plan|plans at", "per seat", "per user",
        "fee", "fees", "processed", "process* payments", "volume of", "gmv", "donations of", "fine|fines", "fined", "loses", "lose", "lost", "invested", "investment", "transactions worth", "average order", "basket",
    ];
    /// What people cost.
    Salary: ["salary|salaries is|are|of|about", "per engineer|developer", "an engineer|developer costs", "engineer|developer costs", "cost of an engineer|developer", "day rate", "payroll"];
    /// How much data may be lost.
    Rpo: ["rpo", "recovery point", "lose at most", "data loss", "lose no more than", "lose up to", "lose the last", "loss of .. data", "may lose", "can lose", "lost data"];
    /// How long recovery may take.
    Rto: [
        "rto", "recovery time", "recover within|in", "back within|in|up", "restore* within|in", "failover", "fail over", "down for", "outage* of", "outage* up to", "recovery within|in", "downtime of", "hour|minutes of downtime", "unavailable for",
        "be down", "time to recover|recovery",
    ];
    /// Downtime announced in advance, which is no recovery time.
    Planned: ["announced", "planned", "maintenance window", "scheduled", "maintenance"];
    /// Time to an answer.
    Latency: [
        "latency", "latencies", "respon*", "answered in|within|under", "answer|answers in|within|under|take|time|times", "load* in|within|under|time|well", "page* .. in", "render*", "p99", "p95", "p90", "p50", "p999", "p99.9", "percentile", "99th", "95th", "median", "round trip|trips", "return* in|within", "reply|replies", "must load",
        "show* in|within", "first byte", "ttfb", "search* in|within|under", "quer* in|within|under", "complete* in|within|under", "checkout in|within|under", "faster than", "in under", "feel instant", "decision* in|within|under", "authori* in|within|under", "served in|within|under",
        "serve* .. in|within|under", "end to end", "end-to-end", "sub",
    ];
    /// A percentile other than the 99th.
    Percentile95: ["p95", "95th", "p90", "90th", "95 percentile"];
    /// The middle.
    Median: ["median", "p50", "on average", "average", "mean", "typical*"];
    /// It is a wish.
    Target: [
        "must", "should", "need*", "target*", "goal*", "want*", "require*", "slo", "sla", "objective", "under", "below", "within", "less than", "at most", "no more than", "<", "≤", "max", "maximum", "faster than", "guarantee*", "expect*", "has to", "have to", "aim*", "promise*", "sub",
        "acceptable", "tolerat*", "allowed", "enough", "fine", "well under", "budget",
    ];
    /// It is how things are.
    Complaint: ["slow*", "take|takes|took|taking", "already", "up to", "pauses", "spik*", "degrad*", "complain*", "now", "currently", "today", "is now", "hurt*", "bad", "worse", "stall*", "timeout*", "time* out", "too long", "climb*", "rose", "cause*", "tail"];
    /// Time until the first version.
    Deadline: ["launch*", "mvp", "deadline", "go live", "go-live", "ship*", "first version|release", "live in|within", "ready in|within", "deliver in|within", "time to market", "have .. to build", "to build it", "release in|within", "production in|within", "prototype in|within", "beta in|within", "demo in|within", "pilot in|within", "have # months|weeks", "before the next|start|season|launch", "launch in", "must be live|ready|done"];
    /// Time until the money ends.
    Runway: ["runway", "seed money for", "money for", "funded for", "funding for", "cash for"];
    /// Other durations: how old, how long kept, how often.
    Elapsed: [
        "keep*", "kept", "retention", "retain*", "history", "ago", "old", "last", "past", "for years", "re-read", "replay*", "archive*", "every", "lag*", "behind", "stale", "delay*", "timeout*", "ttl", "expire*", "notice", "since", "each", "ten-year", "older than", "after a", "backup*", "founded", "experience", "grew",
        "contract", "commit*", "reserved", "token*", "cache* for", "refresh*", "poll*",
    ];
    /// Reads.
    Reads: ["reads", "read", "reading", "read-only", "read only", "gets", "lookups", "browsing", "viewing"];
    /// Writes.
    Writes: ["writes", "write", "writing", "inserts", "updates", "posting", "edits", "change|changes|changed ?only|?just", "edit|edited|update|updated|modified|modify"];
    /// Being up.
    Availability: ["availab*", "uptime", "up time", "sla", "slo", "reachable", "service level"];
    /// The largest tenant.
    Largest: ["largest|biggest|top|single|one|heaviest tenant|customer|client|account|workspace|shop|merchant|organisation|organization|company", "largest", "biggest"];
    /// What an edge cache may answer.
    Cacheable: ["cacheable", "cached at the edge", "same for everybody|everyone|all", "anonymous*", "from a|the|our cdn", "from ?a|?the|?our cache|caches", "served from", "cdn", "edge cache", "cache hit|hits ?rate|?ratio", "logged out", "not logged in", "static", "asked|seen|requested|computed|answered before|already", "already asked|answered|computed", "repeat|repeats|repeated"];
    /// Daily users among monthly ones.
    DailyActive: ["daily active", "active daily|every day|each day", "of them daily|active|every day", "come* back|by daily|every day", "use it daily|every day", "on a given day", "active on a|any", "log in daily|every day", "dau"];
    /// Load grows.
    Growth: ["grow*", "grew", "increase*", "expand*", "rise*", "more traffic|load|users|data|volume", "growth", "yoy", "year over year", "month over month", "mom", "cagr", "double*", "up by"];
    /// Files rather than rows.
    Files: ["object storage", "blob*", "images", "image", "photos", "photo", "video*", "media", "files", "file", "attachments", "s3", "backup*", "bucket*", "archive*", "logs", "assets", "documents", "pdf*", "recordings", "audio", "uploads", "egress", "traffic", "bandwidth", "transfer", "downloads", "cdn", "per file|image|photo|video|upload|document", "each"];
    /// Hardware rather than data.
    Memory: ["ram", "memory", "machine*", "server*", "core|cores", "vm", "instance*", "heap", "droplet", "vps", "laptop", "disk*", "swap", "node*", "box"];
    /// Size of one answer.
    Response: ["response*", "payload*", "answer*", "page weight", "per request|response", "body|bodies"];
    /// People who build.
    Team: [
        "team", "we are", "we have", "we're", "build*", "develop*", "maintain*", "engineer*", "founder*", "company", "startup", "start-up", "hire*", "staff*", "of us", "run*", "operat*", "tech", "write*", "code*", "sell*", "work on", "working on", "behind", "backend", "program*",
        "organisation|organization of", "department", "paid", "look* after", "take* care",
    ];
    /// People who use.
    Audience: ["join*", "sign* up", "visit*", "watch*", "use", "users", "log in", "play*", "follow*", "order*", "download*", "subscribe*", "customers", "audience", "online", "register*", "vote*", "read", "book*", "apply", "file", "attend*", "serve*", "reach*", "travel*", "citizens", "shop*", "buy*"];
    /// The engineers are busy with something else than building.
    Drain: ["do nothing but", "spend .. time", "spends .. time", "only to keep", "just to keep", "full time on|keeping", "do nothing else", "busy keeping", "babysit*", "go on-call|on call", "are on call", "left", "quit"];
    /// The rate is that of one user.
    PerUser: ["per|each|every|an|average ?active|?daily|?monthly|?average user|person|member|player|visitor|reader|viewer|listener|student|head|driver|rider|courier|employee|subscriber", "users|players|members|readers make|send|do", "each sending|send|sends|making|make|generating|issuing|causing", "a user|player|member"];
    /// The rate is that of one device.
    PerDevice: ["per|each|every|a|one ?single device|sensor|vehicle|meter|machine|truck|car|bike|scooter|charger|tracker|gateway|turbine|thermostat|probe|agent|station|terminal|robot|panel|inverter|camera|server"];
    /// The rate is that of one tenant.
    PerTenant: ["per|each|every tenant|customer|client|account|shop|merchant|workspace|store|clinic|hotel|restaurant|company|firm|business|organisation|organization|school|hospital|practice|agency|bank|city|municipality|team|site|installation"];
    /// The rate is that of some, nobody said how many.
    OfSome: ["customers|clients|tenants|sites|some|one|others|those|large|larger with|of-them|send|sends|have|has"];
    /// The rate is that of one request.
    PerRequest: ["per request", "each request", "per page", "each page", "per call", "per page view", "per api call", "a request", "every request"];
    /// Connected at the same time.
    AtOnce: ["at once", "simultaneous*", "concurrent*", "at the same time", "connected", "online", "in parallel"];
    /// Lands on one key.
    OneKey: ["one|single|same|hottest|hot key|row|item|record|counter|partition|document", "per key|row|item|counter|candidate|instrument"];
    /// Chat.
    Chat: ["chat*", "messenger", "messaging app|product|platform", "channel*", "conversation*", "direct message*", "dms", "room*", "inbox"];
    /// Sending to people.
    Sending: ["send*", "sent", "deliver*", "email*", "sms", "push", "notif*", "letter*", "newsletter*", "campaign*", "mail*"];
    /// Analytics.
    Analytics: ["analytics", "tracking", "dashboard*", "customers with", "customers' sites", "client* sites", "telemetry"];
}

/// The cues, compiled.
#[derive(Debug)]
pub(crate) struct Cues {
    matcher: Matcher<Cue>,
}

/// The cues of a text in order of their first token.
#[derive(Debug)]
pub(crate) struct CuePlaces {
    found: Vec<Match<Cue>>,
}

impl Cues {
    /// Compiles the cues.
    pub(crate) fn new() -> Self {
        let mut matcher = Matcher::default();
        for (cue, phrases) in CUES {
            for phrase in *phrases {
                matcher.add(phrase, *cue);
            }
        }
        Self { matcher }
    }

    /// Finds the cues of a text.
    pub(crate) fn find(&self, text: &Text<'_>, number_end: &[u32], effort: &mut Effort) -> CuePlaces {
        CuePlaces { found: self.matcher.find(text, number_end, effort) }
    }
}

impl CuePlaces {
    /// The cues that begin in a range of tokens.
    pub(crate) fn within(&self, first: usize, last: usize) -> &[Match<Cue>] {
        let a = self.found.partition_point(|m| m.first < first);
        let b = self.found.partition_point(|m| m.first < last);
        &self.found[a..b.max(a)]
    }

    /// Whether a cue begins in a range of tokens.
    pub(crate) fn any(&self, cue: Cue, (first, last): (usize, usize)) -> bool {
        self.within(first, last).iter().any(|m| m.payload == cue)
    }

    /// The nearest of several cues to a number at `first..last`, inside a range; the earlier listed one of two
    /// equally near.
    pub(crate) fn nearest(
        &self,
        of: &[Cue],
        (first, last): (usize, usize),
        range: (usize, usize),
    ) -> Option<Cue> {
        self.within(range.0, range.1)
            .iter()
            .filter_map(|m| {
                let rank = of.iter().position(|c| *c == m.payload)?;
                let distance = if m.first >= last { m.first - last } else { first.saturating_sub(m.last) };
                Some((distance, rank))
            })
            .min()
            .map(|(_, rank)| of[rank])
    }
}
