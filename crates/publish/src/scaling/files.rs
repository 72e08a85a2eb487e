//! What stored files have to do with the bill: they are the largest item of a product that is about them.

use loadcase_model::{Figure, Forecast, Unit};

use crate::honesty::tagged;
use crate::text::markdown::Doc;
use crate::view::View;

/// A paragraph on the files in a bill; nothing where it has none.
pub(crate) fn files(doc: &mut Doc, view: &View<'_>, forecast: &Forecast) {
    let Some(files) = forecast.files() else { return };
    let plan = |id: &str| view.catalog.lexicon.planning.get(id).map(|c| c.fact.figure(id));
    let (Some(each), Some(shown), Some(held)) =
        (plan("file-kb"), plan("shown-file-kb"), plan("client-file-hit"))
    else {
        return;
    };
    let all = forecast.cost_total.value;
    let share = if all > 0.0 { files.value / all } else { 0.0 };
    let share = Figure::computed(share, Unit::Share, "lines about files / all lines");
    let falls =
        forecast.cost.iter().any(|l| l.is_of_files() && l.arithmetic.contains(" for a month's volume"));
    let unknown = forecast.cost.iter().any(|l| l.is_of_files() && l.monthly.value == 0.0);
    doc.para(format!(
        "Stored files and their traffic are {} of this bill, {} of it. The sizes of your own files decide that more than \
         anything else here: {} each where they lie, {} when one is shown, and {} of what is shown lies in browsers and \
         apps already.{}{}",
        tagged(&files),
        tagged(&share),
        tagged(&each),
        tagged(&shown),
        tagged(&held),
        if falls { " Traffic is counted at list prices that fall with a month's volume, answers first; who commits to a volume pays less." } else { "" },
        if unknown { " One of the two has no known price there: the line says so, and is not counted." } else { "" }
    ));
}
