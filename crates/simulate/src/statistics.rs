//! Confidence intervals over replications, and the end of the warm-up.

/// What replications say of one number: its value, and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value: mean over replications, or of all of them pooled.
    pub value: f64,
    /// Standard deviation between replications.
    pub deviation: f64,
    /// Least of any replication.
    pub least: f64,
    /// Most of any replication.
    pub most: f64,
    /// Replications that had a value.
    pub count: u32,
}

impl Estimate {
    /// The estimate from one value of each replication; those without one (not a number) are left out.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().filter(|v| !v.is_nan()).collect();
        let count = values.len() as f64;
        let value = values.iter().sum::<f64>() / count;
        let square: f64 = values.iter().map(|v| (v - value) * (v - value)).sum();
        let deviation = if values.len() > 1 { (square / (count - 1.0)).sqrt() } else { f64::NAN };
        Self {
            value,
            deviation,
            least: values.iter().copied().fold(f64::NAN, f64::min),
            most: values.iter().copied().fold(f64::NAN, f64::max),
            count: values.len() as u32,
        }
    }

    /// Half the width of the confidence interval at a level such as 0.95; not a number for one replication.
    ///
    /// Source: Student's t with one degree of freedom less than replications; Law, Simulation Modeling and
    /// Analysis (5th ed. 2015), section 9.4.
    #[must_use]
    pub fn half_width(&self, level: f64) -> f64 {
        if self.count < 2 {
            return f64::NAN;
        }
        student(level, self.count - 1) * self.deviation / f64::from(self.count).sqrt()
    }

    /// Whether a value lies inside the confidence interval.
    #[must_use]
    pub fn admits(&self, value: f64, level: f64) -> bool {
        (self.value - value).abs() <= self.half_width(level)
    }
}

/// The value that Student's t with `degrees` of freedom stays within, on both sides, with probability `level`.
#[must_use]
pub(crate) fn student(level: f64, degrees: u32) -> f64 {
    let (mut low, mut high) = (0.0, std::f64::consts::FRAC_PI_2);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if inside(middle, degrees) < level { low = middle } else { high = middle }
    }
    high.tan() * f64::from(degrees).sqrt()
}

/// Probability that |t| stays below `tan(angle) * sqrt(degrees)`.
///
/// Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4.
fn inside(angle: f64, degrees: u32) -> f64 {
    let (sine, cosine) = angle.sin_cos();
    let odd = degrees % 2 == 1;
    let mut term = if odd { cosine } else { 1.0 };
    let mut sum = 0.0;
    let mut k = if odd { 1 } else { 0 };
    while k + 2 <= degrees {
        sum += term;
        term *= f64::from(k + 1) / f64::from(k + 2) * cosine * cosine;
        k += 2;
    }
    if odd { std::f64::consts::FRAC_2_PI * (angle + sine * sum) } else { sine * sum }
}

/// How many of the first values belong to the warm-up: the cut after which the mean of the rest is known best.
/// Never more than half of them.
///
/// Source: MSER-5 of White, Cobb and Spratt, A comparison of five steady-state truncation heuristics for
/// simulation (2000): means of five values, cut where variance over count squared is least.
#[must_use]
pub(crate) fn warm_up_length(values: &[f64]) -> usize {
    const BATCH: usize = 5;
    let means: Vec<f64> = values
        .chunks_exact(BATCH)
        .map(|c| c.iter().sum::<f64>() / BATCH as f64)
        .map(|m| if m.is_nan() { 0.0 } else { m })
        .collect();
    let score = |cut: usize| {
        let rest = &means[cut..];
        let mean = rest.iter().sum::<f64>() / rest.len() as f64;
        rest.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>() / (rest.len() * rest.len()) as f64
    };
    let best = (0..=means.len() / 2).min_by(|a, b| score(*a).total_cmp(&score(*b)));
    best.unwrap_or(0) * BATCH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn students_t_is_that_of_the_tables() {
        let table =
            [(0.95, 1, 12.706), (0.95, 2, 4.303), (0.95, 9, 2.262), (0.99, 4, 4.604), (0.99, 30, 2.750)];
        for (level, degrees, value) in table {
            assert!(
                (student(level, degrees) - value).abs() < 0.001,
                "{degrees}: {}",
                student(level, degrees)
            );
        }
    }

    #[test]
    fn an_interval_needs_two_replications_and_leaves_out_what_is_missing() {
        assert!(Estimate::of([1.0]).half_width(0.95).is_nan());
        let estimate = Estimate::of([1.0, f64::NAN, 3.0]);
        assert_eq!((estimate.value, estimate.count, estimate.least, estimate.most), (2.0, 2, 1.0, 3.0));
    }

    #[test]
    fn a_ramp_at_the_beginning_is_cut_off() {
        let noise = |i: usize| ((i * 7919) % 101) as f64 / 1000.0;
        let values: Vec<f64> = (0..200).map(|i| (i as f64 / 40.0).min(1.0) + noise(i)).collect();
        let cut = warm_up_length(&values);
        assert!((20..=50).contains(&cut), "{cut}");
        assert_eq!(warm_up_length(&[]), 0);
    }
}
