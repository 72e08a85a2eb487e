//! Findings as Markdown.

use loadcase_model::Review;

use crate::findings::{SEVERITIES, tally};
use crate::text::markdown::{code, escape};

/// A review as a Markdown document.
#[must_use]
pub fn markdown(review: &Review) -> String {
    let size = &review.size;
    let mut out = format!(
        "# Review of {}\n\n{} in {} components, {} flows and {} operations; {} files read.\n",
        escape(&review.name),
        tally(&review.findings),
        size.components,
        size.flows,
        size.operations,
        size.files
    );
    for severity in SEVERITIES {
        let of: Vec<_> = review.findings.iter().filter(|f| f.severity.as_str() == severity).collect();
        if of.is_empty() {
            continue;
        }
        out.push_str(&format!("\n## {severity}\n"));
        for finding in of {
            out.push_str(&format!("\n### {}\n\n`{}`", escape(&finding.message), finding.rule));
            if let Some(detail) = &finding.review {
                out.push_str(&format!(", {}, confidence {}", detail.family, detail.confidence));
            }
            out.push_str("\n\n");
            let proves = finding.review.as_ref().map_or(&[][..], |d| d.proves.as_slice());
            for (i, place) in finding.location.places.iter().enumerate() {
                let proof = proves
                    .get(i)
                    .filter(|p| !p.is_empty())
                    .map_or(String::new(), |p| format!(": {}", escape(p)));
                out.push_str(&format!("- {}{proof}\n", code(&place.to_string())));
            }
            for step in finding.review.iter().flat_map(|d| &d.why) {
                out.push_str(&format!("- {}\n", escape(step)));
            }
            out.push_str(&format!("\nFix: {}\n", escape(&finding.fix)));
            let references = finding.review.as_ref().map_or(String::new(), |d| d.references.join("; "));
            if !references.is_empty() {
                out.push_str(&format!("\nSee: {}\n", escape(&references)));
            }
        }
    }
    if !review.accepted.is_empty() {
        out.push_str("\n## Accepted\n\n");
        for accepted in &review.accepted {
            out.push_str(&format!(
                "- {} (`{}`): {} ({})\n",
                escape(&accepted.finding.message),
                accepted.finding.rule,
                escape(&accepted.reason),
                code(&accepted.place.to_string())
            ));
        }
    }
    if !review.undecided.is_empty() {
        out.push_str("\n## Undecided\n\n");
        for undecided in &review.undecided {
            out.push_str(&format!(
                "- `{}` for {}: {}\n",
                undecided.rule,
                undecided.element,
                escape(&undecided.fact)
            ));
        }
    }
    if !review.failed.is_empty() {
        out.push_str("\n## Not checked\n\n");
        for failed in &review.failed {
            out.push_str(&format!(
                "- {} {}: {}\n",
                failed.check,
                escape(failed.path.as_deref().unwrap_or("")),
                escape(&failed.reason)
            ));
        }
    }
    out
}
