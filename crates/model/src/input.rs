//! The numeric unknowns a design depends on, and the estimates that stand in for them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::origin::Origin;
use crate::unit::Unit;

/// What an input describes, for grouping in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputKind {
    /// Users and requests.
    Traffic,
    /// Bytes at rest and tenants.
    Data,
    /// Engineers, teams, operators.
    People,
    /// Money and time.
    Means,
    /// What must hold: latency, availability, recovery.
    Target,
    /// What exists today.
    Existing,
}

macro_rules! inputs {
    ($($(#[doc = $doc:literal])+ $name:ident, $slug:literal, $label:literal, $unit:ident, $kind:ident;)+) => {
        /// A numeric unknown. Each has a value now and one in 24 months.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Input {
            $($(#[doc = $doc])+ #[serde(rename = $slug)] $name,)+
        }

        impl Input {
            /// Every input, in the order they are listed to users.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// How many inputs there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name used in files and on the command line.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)+ }
            }

            /// The name used in prose.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)+ }
            }

            /// The unit.
            #[must_use]
            pub const fn unit(self) -> Unit {
                match self { $(Self::$name => Unit::$unit,)+ }
            }

            /// What it describes.
            #[must_use]
            pub const fn kind(self) -> InputKind {
                match self { $(Self::$name => InputKind::$kind,)+ }
            }

            /// One sentence on what it means.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim(),)+ }
            }
        }
    };
}

inputs! {
    /// People who use the product at least once in a month.
    MonthlyUsers, "monthly-users", "monthly users", Users, Traffic;
    /// People who use the product on a given day.
    DailyUsers, "daily-users", "daily users", Users, Traffic;
    /// Daily users as a share of monthly users.
    DailyShare, "daily-share", "daily share of monthly users", Share, Traffic;
    /// Requests to the back end that one daily user causes in a day.
    RequestsPerUserDay, "requests-per-user-day", "requests per daily user and day", One, Traffic;
    /// Peak rate divided by average rate.
    PeakFactor, "peak-factor", "peak over average", Times, Traffic;
    /// Requests per second averaged over a day.
    AverageRps, "average-rps", "average request rate", RequestsPerSecond, Traffic;
    /// Requests per second in the busiest minutes.
    PeakRps, "peak-rps", "peak request rate", RequestsPerSecond, Traffic;
    /// Share of requests that only read.
    ReadShare, "read-share", "share of reads", Share, Traffic;
    /// Share of requests whose answer is the same for everybody and may come from the edge.
    EdgeCacheableShare, "edge-cacheable-share", "share an edge cache may answer", Share, Traffic;
    /// Database statements that one request causes.
    QueriesPerRequest, "queries-per-request", "database statements per request", One, Traffic;
    /// Database statements per second at peak, when stated directly.
    QueriesPerS, "queries-per-s", "database statements per second at peak", PerSecond, Traffic;
    /// Rows that are inserted, updated and deleted per second at peak.
    WritesPerS, "writes-per-s", "rows written per second at peak", PerSecond, Traffic;
    /// Processor time of one request in the application, in a typical interpreted framework.
    CpuMsPerRequest, "cpu-ms-per-request", "processor time per request", Milliseconds, Traffic;
    /// Size of an average response.
    ResponseKb, "response-kb", "size of a response", Kilobytes, Traffic;
    /// Background jobs or messages per second at peak.
    JobsPerS, "jobs-per-s", "background jobs per second at peak", MessagesPerSecond, Traffic;
    /// Append-only events taken in per second at peak.
    EventsPerS, "events-per-s", "events per second at peak", MessagesPerSecond, Traffic;
    /// Independent consumers that each need every message.
    Consumers, "consumers", "independent consumers", One, Traffic;
    /// Writes per second that land on a single key.
    HotKeyWritesPerS, "hot-key-writes-per-s", "writes per second on the hottest key", PerSecond, Traffic;
    /// Connections open at the same time.
    Connections, "connections", "open connections", One, Traffic;
    /// Bytes in the primary store.
    DataGb, "data-gb", "data in the primary store", Gigabytes, Data;
    /// Customers or workspaces that share the system.
    Tenants, "tenants", "tenants", One, Data;
    /// Share of the load that the largest tenant causes.
    LargestTenantShare, "largest-tenant-share", "share of the largest tenant", Share, Data;
    /// Engineers who build the system.
    Engineers, "engineers", "engineers", Engineers, People;
    /// Teams that want to release on their own.
    Teams, "teams", "teams", One, People;
    /// People whose job is to run systems.
    Operators, "operators", "operations people", Engineers, People;
    /// Money for infrastructure each month.
    BudgetUsdMonth, "budget-usd-month", "infrastructure budget", UsdPerMonth, Means;
    /// What an engineer costs each month, all told.
    EngineerUsdMonth, "engineer-usd-month", "cost of an engineer", UsdPerMonth, Means;
    /// Months until the first version must be in use.
    DeadlineMonths, "deadline-months", "months to the first release", Months, Means;
    /// Time within which 99 of 100 requests must be answered.
    LatencyP99Ms, "latency-p99-ms", "p99 response time", Milliseconds, Target;
    /// Share of time the system must answer.
    Availability, "availability", "availability", Share, Target;
    /// How much of the latest data may be lost in a failure.
    RecoveryPointS, "recovery-point-s", "recovery point (data loss bound)", Seconds, Target;
    /// How long recovery from a failure may take.
    RecoveryTimeS, "recovery-time-s", "recovery time", Seconds, Target;
    /// Regions that must serve users from nearby or hold their data.
    Regions, "regions", "regions", One, Target;
    /// Load in 24 months divided by load now.
    Growth, "growth", "growth in 24 months", Times, Traffic;
    /// Separately deployed services that exist today.
    ServicesNow, "services-now", "services today", One, Existing;
    /// What the present infrastructure costs each month.
    BillUsdMonth, "bill-usd-month", "present infrastructure bill", UsdPerMonth, Existing;
}

impl Input {
    /// The input with this name in files.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|input| input.slug() == slug)
    }

    /// Position in arrays of inputs.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// The two loads a design must carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Horizon {
    /// Today, or at launch.
    Now,
    /// In 24 months.
    Later,
}

impl Horizon {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::Now, Self::Later];

    /// How it is called in prose.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Later => "in 24 months",
        }
    }
}

/// A value for each horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Horizons<T> {
    /// Today, or at launch.
    pub now: T,
    /// In 24 months.
    pub later: T,
}

impl<T> Horizons<T> {
    /// The value at a horizon.
    pub const fn at(&self, horizon: Horizon) -> &T {
        match horizon {
            Horizon::Now => &self.now,
            Horizon::Later => &self.later,
        }
    }
}

/// A value with the range it may lie in and where it comes from. The unit is the input's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// Best guess.
    pub value: f64,
    /// Lower end; equal to `value` when the value is certain.
    pub low: f64,
    /// Upper end; equal to `value` when the value is certain.
    pub high: f64,
    /// Where it comes from.
    pub origin: Origin,
}

impl Estimate {
    /// A value without a range.
    #[must_use]
    pub const fn exact(value: f64, origin: Origin) -> Self {
        Self { value, low: value, high: value, origin }
    }

    /// An assumption: value, range and reason.
    pub fn assumed(value: f64, low: f64, high: f64, because: impl Into<String>) -> Self {
        Self { value, low, high, origin: Origin::assumed(low, high, because) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_unique_and_found() {
        for (i, input) in Input::ALL.iter().enumerate() {
            assert_eq!(input.index(), i);
            assert_eq!(Input::from_slug(input.slug()), Some(*input));
            assert!(!input.meaning().is_empty());
        }
    }
}
